import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { parse } from '../lib/json.mjs';
import { methodNames } from '../lib/rpc.mjs';
import { network } from './helper.mjs';

const address = '11111111111111111111111111111111';
const values = [
  ...[null, true, 0, -1, 1.5, 1e300, 447552001, '', 'x', address, '1'.repeat(64), [], [null], [address], {}],
  ...['confirmed', 5, 'none'].map((commitment) => ({ commitment })),
  ...['base64', 'base58', 'jsonParsed', {}].map((encoding) => ({ encoding })),
  ...[{}, { offset: 1e9, length: 2 }, { offset: -1, length: 2 }].map((dataSlice) => ({ dataSlice })),
  ...[5, [null], [{}], [{ memcmp: {} }], [{ memcmp: { offset: 0, bytes: [] } }], [{ memcmp: { offset: 0, bytes: [300] } }]].map((filters) => ({ filters })),
  ...[{}, { addresses: 5 }, { addresses: ['x'] }].map((accounts) => ({ accounts })),
  ...[{ limit: -1 }, { before: 5 }, { until: {} }, { minContextSlot: 'a' }, { minContextSlot: 1e15 }, { transactionDetails: 'accounts' }],
];

test('no parameters make a method fail inside', async (t) => {
  const net = await network(t);
  const cases = values.flatMap((value) => [[value], [address, value], [[address], value], ['', value], [447552001, value]]);
  for (const method of methodNames) {
    for (let at = 0; at < cases.length; at += 100) {
      const batch = cases.slice(at, at + 100).map((params, id) => ({ jsonrpc: '2.0', id, method, params }));
      const answers = parse(await (await net.node.post(batch)).text());
      assert.equal(answers.length, batch.length);
      for (const { id, error } of answers) assert.notEqual(error?.code, -32603, `${method} ${JSON.stringify(batch[id].params)}: ${error?.message}`);
    }
  }
  assert.equal(await net.node.call('getHealth'), 'ok');
});

test('arrays in arrays without end are refused', async (t) => {
  const net = await network(t);
  const { error } = parse(await (await net.node.post('['.repeat(25_000) + ']'.repeat(25_000))).text());
  assert.equal(error.code, -32700);
});

test('clients that go away in the middle do no harm', async (t) => {
  const net = await network(t);
  const { port } = new URL(net.node.rpc);
  const request = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 44\r\n\r\n{"jsonrpc":"2.0","id":1,"method":"getHealth"}';
  for (const size of [0, 10, request.length - 10, request.length]) {
    await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(request.slice(0, size), () => socket.resetAndDestroy()));
      socket.on('close', resolve).on('error', () => {});
    });
  }
  assert.equal(await net.node.call('getHealth'), 'ok');
});

test('a message that is too long ends a PubSub connection, and nothing else does', async (t) => {
  const net = await network(t);
  const feed = await net.node.subscribe(t);
  for (const text of ['{', '[]', 'null', '{"jsonrpc":"2.0","method":"x","params":{}}']) feed.socket.send(text);
  await assert.rejects(feed.call('logsSubscribe', null), { code: -32602 });
  assert.ok((await feed.call('slotSubscribe')) > 0);
  const closed = new Promise((resolve) => feed.socket.once('close', resolve));
  feed.socket.send('x'.repeat(51201));
  assert.equal(await closed, 1009);
});
