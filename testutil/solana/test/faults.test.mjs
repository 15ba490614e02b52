import assert from 'node:assert/strict';
import { test } from 'node:test';
import { funded, network, newKey, SOL, systemProgram, transfer } from './helper.mjs';

test('a dropped transaction is acknowledged and lost; sent again it lands', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const { wire, signature } = await transfer(from, from.address, 1n, await net.node.blockhash());
  await net.fault('drop', { transactions: 1 });
  assert.equal(await net.node.send(wire), signature);
  await net.advance();
  assert.equal(await net.node.status(signature), null);
  await net.node.send(wire);
  await net.advance();
  assert.notEqual(await net.node.status(signature), null);
});

test('a held transaction waits for that many slots', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const { wire, signature } = await transfer(from, from.address, 1n, await net.node.blockhash());
  await net.fault('hold', { slots: 3 });
  await net.node.send(wire);
  await net.advance(3);
  assert.equal(await net.node.status(signature), null);
  await net.advance();
  assert.notEqual(await net.node.status(signature), null);
});

test('a lagging node shows the past at every level, while the other shows the present', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const to = (await newKey()).address;
  const { wire, signature } = await transfer(from, to, SOL, await net.node.blockhash());
  await net.fault('lag', { blocks: 4 });
  await net.nodes[1].send(wire);
  await net.advance(4);
  assert.equal(await net.nodes[1].balance(to), SOL);
  assert.equal(await net.node.balance(to), 0n);
  assert.equal(await net.node.status(signature), null);
  const slots = await Promise.all(net.nodes.map((node) => node.call('getSlot', { commitment: 'processed' })));
  assert.equal(slots[1] - slots[0], 4);
  await net.advance();
  assert.equal(await net.node.balance(to), SOL);
  assert.equal((await net.node.status(signature)).confirmationStatus, 'processed');
  assert.equal((await net.nodes[1].status(signature)).confirmationStatus, 'confirmed');
});

test('a node far behind is unhealthy and takes no transactions', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  await net.advance(200);
  await net.fault('lag', { blocks: 129 });
  await assert.rejects(net.node.call('getHealth'), { code: -32005, message: 'Node is behind by 129 slots', data: { numSlotsBehind: 129 } });
  const { wire } = await transfer(from, from.address, 1n, await net.node.blockhash());
  await assert.rejects(net.node.send(wire), { code: -32005 });
  assert.equal(await (await fetch(`${net.node.rpc}/health`)).text(), 'behind { distance: 129 }');
  await net.fault('lag', { blocks: 128 });
  assert.equal(await net.node.call('getHealth'), 'ok');
});

test('a node lies about accounts and statuses until it is told the truth', async (t) => {
  const net = await network(t);
  const key = await funded(net, SOL);
  const none = (await newKey()).address;
  const forged = { lamports: 7, owner: systemProgram, data: Buffer.from('lie').toString('base64') };
  await net.fault('account', { address: none, account: forged });
  await net.fault('account', { address: key.address, account: null });
  const { value } = await net.node.call('getMultipleAccounts', [none, key.address], { encoding: 'base64' });
  assert.deepEqual([value[0].lamports, value[0].data[0], value[1]], [7, forged.data, null]);
  const owned = (await net.node.call('getProgramAccounts', systemProgram)).map(({ pubkey }) => pubkey);
  assert.ok(owned.includes(none) && !owned.includes(key.address));
  assert.equal(await net.nodes[1].balance(key.address), SOL, 'the other node is honest');

  const { wire, signature } = await transfer(key, key.address, 1n, await net.nodes[1].blockhash());
  const status = { slot: 1, confirmations: null, err: null, status: { Ok: null }, confirmationStatus: 'finalized' };
  await net.fault('status', { signature, status });
  assert.deepEqual(await net.node.status(signature), status);
  assert.equal(await net.nodes[1].status(signature), null);
  await net.nodes[1].send(wire);
  await net.advance();
  await net.fault('status', { signature, status: null });
  assert.equal(await net.node.status(signature), null);

  await net.fault('clear');
  assert.equal((await net.node.status(signature)).confirmationStatus, 'processed');
  assert.equal(await net.node.balance(none), 0n);
});

test('replies are spoiled as often as was said, for the methods that were said', async (t) => {
  const net = await network(t);
  const health = { jsonrpc: '2.0', id: 1, method: 'getHealth' };
  await net.fault('reply', { kind: 'status', status: 429, count: 2, methods: ['getHealth'] });
  assert.equal((await net.node.post({ ...health, method: 'getVersion' })).status, 200);
  for (const status of [429, 429, 200]) assert.equal((await net.node.post(health)).status, status);
  await net.fault('reply', { kind: 'status', status: 503 });
  assert.equal((await net.node.post(health)).status, 503);
  await net.fault('reply', { kind: 'hang' });
  await assert.rejects(net.node.post(health, { signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' });
  await net.fault('reply', { kind: 'delay', ms: 50 });
  const began = performance.now();
  assert.equal((await net.node.post(health)).status, 200);
  assert.ok(performance.now() - began >= 49);
});

test('a node that restarts ends its subscriptions', async (t) => {
  const net = await network(t);
  const feed = await net.node.subscribe(t);
  const closed = new Promise((resolve) => feed.socket.once('close', resolve));
  await net.fault('disconnect');
  await closed;
});

test('slots pass by the timer, unless the network is frozen', async (t) => {
  const net = await network(t, { slotMs: 5 });
  const feed = await net.node.subscribe(t);
  const id = await feed.call('slotSubscribe');
  for (let i = 0; i < 3; i++) await feed.next(id);
  const { slot } = await net.command('freeze');
  const again = await net.node.subscribe(t);
  const since = await again.call('slotSubscribe');
  await new Promise((resolve) => setTimeout(resolve, 25));
  assert.equal(await again.unread(since), 0);
  assert.equal((await net.command('resume')).slot, slot);
  assert.equal((await again.next(since)).slot, slot + 1);
});

test('wrong commands say what was expected', async (t) => {
  const net = await network(t);
  await assert.rejects(net.advance(0), /slots 0: an integer from 1/);
  await assert.rejects(net.command('nodes/7/lag', { blocks: 1 }), /node 7, 0 to 1 expected/);
  await assert.rejects(net.fault('lag', { blocks: 257 }), /blocks 257/);
  await assert.rejects(net.command('nonsense'), /action nonsense, one of advance/);
  await assert.rejects(net.node.call('advance', 1), { code: -32601 }, 'the RPC knows no command');
});
