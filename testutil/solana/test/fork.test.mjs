import assert from 'node:assert/strict';
import { test } from 'node:test';
import { funded, network, newKey, SOL, transfer } from './helper.mjs';

test('a rollback takes transactions, accounts and blockhashes back, and may be sent again', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const to = (await newKey()).address;
  const before = await net.node.balance(from.address);
  const { wire, signature } = await transfer(from, to, SOL, await net.node.blockhash());
  await net.node.send(wire);
  await net.advance(3);
  assert.equal((await net.node.status(signature)).confirmationStatus, 'confirmed');
  const lost = await net.node.blockhash();
  const slot = await net.node.call('getSlot', { commitment: 'processed' });

  await net.rollback(3);
  assert.equal(await net.node.balance(to), 0n);
  assert.equal(await net.node.balance(from.address), before);
  assert.equal(await net.node.status(signature, { searchTransactionHistory: true }), null);
  assert.equal(await net.node.call('getTransaction', signature, { commitment: 'confirmed', maxSupportedTransactionVersion: 0 }), null);
  assert.deepEqual(await net.node.call('getSignaturesForAddress', to, { commitment: 'confirmed' }), []);
  assert.equal((await net.node.call('isBlockhashValid', lost, { commitment: 'processed' })).value, false);

  await net.advance();
  assert.equal(await net.node.call('getSlot', { commitment: 'processed' }), slot + 1, 'slots go on');
  assert.equal(await net.node.balance(to), 0n, 'what was rolled back stays away until it is sent again');
  await net.node.send(wire);
  await net.advance();
  assert.equal(await net.node.balance(to), SOL);
  assert.equal((await net.node.status(signature)).slot, slot + 2);
});

test('a finalized block cannot be rolled back', async (t) => {
  const net = await network(t);
  await net.advance(20);
  const finalized = await net.node.call('getSlot');
  await assert.rejects(net.rollback(7), /only 6 are not finalized/);
  await net.rollback(6);
  for (const commitment of ['processed', 'confirmed', 'finalized']) {
    assert.equal(await net.node.call('getSlot', { commitment }), finalized, 'no level is below the finalized one');
  }
});

test('other forks have other blockhashes', async (t) => {
  const net = await network(t);
  await net.advance();
  const first = await net.node.blockhash();
  await net.rollback(1);
  await net.advance();
  assert.notEqual(await net.node.blockhash(), first);
});
