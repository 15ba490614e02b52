import assert from 'node:assert/strict';
import { test } from 'node:test';
import { funded, network, newKey, SOL, systemProgram, transfer } from './helper.mjs';

test('slots are notified in their order, with parent and root', async (t) => {
  const net = await network(t);
  await net.advance(8);
  const feed = await net.node.subscribe(t);
  const id = await feed.call('slotSubscribe');
  await net.advance(8);
  await net.command('skip', { slots: 3 });
  await net.advance();
  let last = await feed.next(id);
  for (let i = 0; i < 7; i++) {
    const { slot, parent, root } = await feed.next(id);
    assert.deepEqual({ slot, parent }, { slot: last.slot + 1, parent: last.slot });
    assert.equal(root, slot - 6);
    last = { slot };
  }
  assert.equal((await feed.next(id)).slot, last.slot + 4);
});

for (const { commitment, blocks } of [
  { commitment: 'processed', blocks: 1 },
  { commitment: 'confirmed', blocks: 3 },
  { commitment: 'finalized', blocks: 7 },
]) {
  test(`an account, its program, its logs and its signature are notified when ${commitment}`, async (t) => {
    const net = await network(t);
    const from = await funded(net);
    const to = (await newKey()).address;
    const feed = await net.node.subscribe(t);
    const { wire, signature } = await transfer(from, to, SOL, await net.node.blockhash());
    const account = await feed.call('accountSubscribe', to, { commitment, encoding: 'base64' });
    const program = await feed.call('programSubscribe', systemProgram, { commitment, filters: [{ dataSize: 0 }] });
    const nothing = await feed.call('programSubscribe', systemProgram, { commitment, filters: [{ dataSize: 1 }] });
    const logs = await feed.call('logsSubscribe', { mentions: [to] }, { commitment });
    const others = await feed.call('logsSubscribe', { mentions: [(await newKey()).address] }, { commitment });
    const status = await feed.call('signatureSubscribe', signature, { commitment });
    await net.node.send(wire);
    const slot = (await net.node.call('getSlot', { commitment: 'processed' })) + 1;
    if (blocks > 1) await net.advance(blocks - 1);
    for (const id of [account, program, logs, status]) assert.equal(await feed.unread(id), 0);
    await net.advance();

    const changed = await feed.next(account);
    assert.deepEqual([changed.context.slot, changed.value.lamports], [slot, Number(SOL)]);
    const owned = [await feed.next(program), await feed.next(program)].map(({ value }) => value.pubkey);
    assert.deepEqual(owned.sort(), [from.address, to].sort());
    const logged = await feed.next(logs);
    assert.deepEqual([logged.context.slot, logged.value.signature, logged.value.err], [slot, signature, null]);
    assert.match(logged.value.logs.join(), /Program 11111111111111111111111111111111 success/);
    assert.deepEqual(await feed.next(status), { context: { slot }, value: { err: null } });

    await net.advance(3);
    for (const id of [account, program, nothing, logs, others, status]) assert.equal(await feed.unread(id), 0, 'told once');
    await assert.rejects(feed.call('signatureUnsubscribe', status), { code: -32602 }, 'a signature is told once and for all');
  });
}

test('a fork takes a change of an account back, and the logs come again', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const to = (await newKey()).address;
  const feed = await net.node.subscribe(t);
  const account = await feed.call('accountSubscribe', to, { commitment: 'processed', encoding: 'base64' });
  const logs = await feed.call('logsSubscribe', { mentions: [to] }, { commitment: 'processed' });
  const { wire, signature } = await transfer(from, to, SOL, await net.node.blockhash());
  await net.node.send(wire);
  await net.advance();
  assert.equal((await feed.next(account)).value.lamports, Number(SOL));
  assert.equal((await feed.next(logs)).value.signature, signature);

  await net.rollback(1);
  await net.advance();
  assert.equal((await feed.next(account)).value.lamports, 0);
  await net.node.send(wire);
  await net.advance();
  assert.equal((await feed.next(account)).value.lamports, Number(SOL));
  assert.equal((await feed.next(logs)).value.signature, signature);
});

test('a signature that has reached its level is told at once', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const { wire, signature } = await transfer(from, from.address, 1n, await net.node.blockhash());
  await net.node.send(wire);
  await net.advance(3);
  const feed = await net.node.subscribe(t);
  const id = await feed.call('signatureSubscribe', signature, { commitment: 'confirmed' });
  assert.deepEqual((await feed.next(id)).value, { err: null });
});

test('nothing comes after an unsubscription, and calls of Object are no methods', async (t) => {
  const net = await network(t);
  const feed = await net.node.subscribe(t);
  const id = await feed.call('slotSubscribe');
  assert.equal(await feed.call('slotUnsubscribe', id), true);
  await net.advance();
  assert.equal(await feed.unread(id), 0);
  await assert.rejects(feed.call('slotUnsubscribe', id), { code: -32602, message: 'Invalid subscription id.' });
  await assert.rejects(feed.call('constructor'), { code: -32601 });
  await assert.rejects(feed.call('logsSubscribe', { mentions: [] }), { code: -32602 });
});
