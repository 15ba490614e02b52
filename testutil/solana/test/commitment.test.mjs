import assert from 'node:assert/strict';
import { test } from 'node:test';
import { funded, network, newKey, SOL, transfer } from './helper.mjs';

test('every read sees the state of its commitment level only', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const to = (await newKey()).address;
  const { wire, signature } = await transfer(from, to, SOL, await net.node.blockhash());
  await net.node.send(wire);
  assert.equal(await net.node.balance(to), 0n, 'a transaction that waits changes nothing');

  const seen = async () => {
    const levels = ['processed', 'confirmed', 'finalized'];
    const balances = await Promise.all(levels.map((level) => net.node.balance(to, level)));
    const infos = await Promise.all(levels.map((commitment) => net.node.call('getAccountInfo', to, { commitment })));
    const many = await Promise.all(levels.map((commitment) => net.node.call('getMultipleAccounts', [to], { commitment })));
    assert.deepEqual(infos.map(({ value }) => BigInt(value?.lamports ?? 0)), balances);
    assert.deepEqual(many.map(({ value }) => BigInt(value[0]?.lamports ?? 0)), balances);
    return { balances, status: (await net.node.status(signature)).confirmationStatus };
  };

  await net.advance();
  assert.deepEqual(await seen(), { balances: [SOL, 0n, 0n], status: 'processed' });
  await net.advance();
  assert.deepEqual(await seen(), { balances: [SOL, 0n, 0n], status: 'processed' });
  await net.advance();
  assert.deepEqual(await seen(), { balances: [SOL, SOL, 0n], status: 'confirmed' });
  await net.advance(3);
  assert.deepEqual(await seen(), { balances: [SOL, SOL, 0n], status: 'confirmed' });
  await net.advance();
  assert.deepEqual(await seen(), { balances: [SOL, SOL, SOL], status: 'finalized' });
  assert.equal((await net.node.status(signature)).confirmations, null);
});

test('the Clock sysvar is that of the block that is read', async (t) => {
  const net = await network(t);
  const { nodes } = await net.command('time', { unix: 4_000_000_000 });
  assert.equal(nodes[0].processed.time, 4_000_000_000);
  assert.notEqual(nodes[0].finalized.time, 4_000_000_000);
  for (const commitment of ['processed', 'confirmed', 'finalized']) {
    const settings = { commitment, encoding: 'base64' };
    const { value } = await net.node.call('getAccountInfo', 'SysvarC1ock11111111111111111111111111111111', settings);
    const clock = Buffer.from(value.data[0], 'base64');
    assert.equal(Number(clock.readBigUInt64LE(0)), nodes[0][commitment].slot);
    assert.equal(Number(clock.readBigInt64LE(32)), nodes[0][commitment].time);
  }
  await assert.rejects(net.command('time', { unix: 3_999_999_999 }), /cannot go back/);
});

test('a preflight runs on the state of its commitment level', async (t) => {
  const net = await network(t);
  const from = await newKey();
  const to = (await newKey()).address;
  await net.advance(10);
  await net.node.call('requestAirdrop', from.address, SOL, { commitment: 'finalized' });
  const { wire } = await transfer(from, to, SOL / 2n, await net.node.blockhash('finalized'));
  await net.advance();
  await assert.rejects(net.node.send(wire, { preflightCommitment: 'finalized' }), { code: -32002, message: /no record of a prior credit/ });
  await assert.rejects(net.node.send(wire, { preflightCommitment: undefined }), { code: -32002 }, 'finalized is the default');
  await net.node.send(wire, { preflightCommitment: 'processed' });
  assert.equal(await net.node.balance(from.address), SOL, 'a preflight on an older state leaves the present one as it is');
});

test('a blockhash newer than the preflight block is unknown to it', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const { wire } = await transfer(from, from.address, 1n, await net.node.blockhash('confirmed'));
  await assert.rejects(net.node.send(wire, { preflightCommitment: 'finalized' }), (error) => {
    assert.equal(error.code, -32002);
    assert.equal(error.message, 'Transaction simulation failed: Blockhash not found');
    assert.equal(error.data.err, 'BlockhashNotFound');
    assert.deepEqual(error.data.logs, []);
    return true;
  });
});

test('minContextSlot is refused before the node has reached it', async (t) => {
  const net = await network(t);
  await net.advance(10);
  const slot = await net.node.call('getSlot', { commitment: 'processed' });
  assert.equal(await net.node.call('getSlot', { commitment: 'processed', minContextSlot: slot }), slot);
  const finalized = await net.node.call('getSlot');
  await assert.rejects(net.node.call('getBalance', (await newKey()).address, { minContextSlot: slot }), {
    code: -32016,
    data: { contextSlot: finalized },
  });
});

test('slots without a block count as slots, not as block heights', async (t) => {
  const net = await network(t);
  const before = await net.node.call('getEpochInfo', { commitment: 'processed' });
  await net.command('skip', { slots: 5 });
  await net.advance();
  const after = await net.node.call('getEpochInfo', { commitment: 'processed' });
  assert.equal(after.absoluteSlot - before.absoluteSlot, 6);
  assert.equal(after.blockHeight - before.blockHeight, 1);
  await net.advance(3);
  await assert.rejects(net.node.call('getBlock', before.absoluteSlot + 2, { commitment: 'confirmed' }), { code: -32007 });
  await assert.rejects(net.node.call('getBlock', after.absoluteSlot + 9, { commitment: 'confirmed' }), { code: -32004 });
  const slots = await net.node.call('getBlocks', before.absoluteSlot, after.absoluteSlot, { commitment: 'confirmed' });
  assert.deepEqual(slots, [before.absoluteSlot, after.absoluteSlot]);
});

test('what is there from the start is finalized', async (t) => {
  const { address } = await newKey();
  const net = await network(t, { balances: [[address, 7n * SOL]] });
  assert.equal(await net.node.balance(address, 'finalized'), 7n * SOL);
});
