import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../lib/json.mjs';
import { funded, network, newKey, SOL, transfer } from './helper.mjs';

const answerTo = async (net, body) => parse(await (await net.node.post(body)).text());

test('ids of 63 bits come back exactly', async (t) => {
  const net = await network(t);
  const text = await (await net.node.post('{"jsonrpc":"2.0","id":9223372036854775807,"method":"getHealth"}')).text();
  assert.match(text, /"id":9223372036854775807}$/);
});

test('amounts of 64 bits are exact', async (t) => {
  const net = await network(t);
  const { address } = await newKey();
  const lamports = 9_007_199_254_740_993n; // 2^53 + 1
  await net.node.call('requestAirdrop', address, lamports, { commitment: 'processed' });
  await net.advance();
  assert.equal(await net.node.balance(address), lamports);
  const { value } = await net.node.call('getAccountInfo', address, { commitment: 'processed' });
  assert.equal(value.rentEpoch, 18446744073709551615n);
});

for (const { name, body, code } of [
  { name: 'no JSON', body: '{', code: -32700 },
  { name: 'no object', body: '1', code: -32600 },
  { name: 'an empty batch', body: '[]', code: -32600 },
  { name: 'a version other than 2.0', body: '{"jsonrpc":"1.0","id":1,"method":"getHealth"}', code: -32600 },
  { name: 'a method that does not exist', body: '{"jsonrpc":"2.0","id":1,"method":"__proto__"}', code: -32601 },
  { name: 'an address of the wrong size', body: '{"jsonrpc":"2.0","id":1,"method":"getBalance","params":["abc"]}', code: -32602 },
  { name: 'no address at all', body: '{"jsonrpc":"2.0","id":1,"method":"getBalance"}', code: -32602 },
  { name: 'a commitment that does not exist', body: '{"jsonrpc":"2.0","id":1,"method":"getSlot","params":[{"commitment":"max"}]}', code: -32602 },
  { name: 'a batch that is too long', body: `[${Array(101).fill('{"jsonrpc":"2.0","id":1,"method":"getHealth"}')}]`, code: -32600 },
]) {
  test(`${name} is answered with ${code}`, async (t) => {
    assert.equal((await answerTo(await network(t), body)).error.code, code);
  });
}

test('a batch is answered request by request, notifications are not', async (t) => {
  const net = await network(t);
  const answers = await answerTo(net, [
    { jsonrpc: '2.0', id: 1, method: 'getHealth' },
    { jsonrpc: '2.0', method: 'getHealth' },
    { jsonrpc: '2.0', id: 2, method: 'nothing' },
  ]);
  assert.deepEqual(answers.map(({ id, result, error }) => [id, result ?? error.code]), [[1, 'ok'], [2, -32601]]);
});

test('a body that is too long is refused', async (t) => {
  const net = await network(t);
  const response = await net.node.post(`{"jsonrpc":"2.0","id":1,"method":"getHealth","params":["${'x'.repeat(51200)}"]}`);
  assert.equal(response.status, 413);
});

test('lists are bounded', async (t) => {
  const net = await network(t);
  const { address } = await newKey();
  await assert.rejects(net.node.call('getMultipleAccounts', Array(101).fill(address)), { code: -32602, message: 'Too many inputs provided; max 100' });
  await assert.rejects(net.node.call('getSignatureStatuses', Array(257).fill('1')), { code: -32602, message: 'Too many inputs provided; max 256' });
});

test('the signatures of an address come newest first, between two of them', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const to = (await newKey()).address;
  const sent = [];
  for (let i = 1; i <= 5; i++) {
    const { wire, signature } = await transfer(from, to, BigInt(i) * (SOL / 10n), await net.node.blockhash());
    await net.node.send(wire);
    sent.unshift(signature);
    if (i % 2) await net.advance();
  }
  await net.advance(10);
  const list = async (config) => (await net.node.call('getSignaturesForAddress', to, config)).map(({ signature }) => signature);
  assert.deepEqual(await list(), sent);
  assert.deepEqual(await list({ limit: 2 }), sent.slice(0, 2));
  assert.deepEqual(await list({ before: sent[1] }), sent.slice(2));
  assert.deepEqual(await list({ before: sent[0], until: sent[3] }), sent.slice(1, 3));
  await assert.rejects(list({ commitment: 'processed' }), { code: -32602 });
});

test('blocks show their transactions as asked for', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const { wire, signature } = await transfer(from, from.address, 1n, await net.node.blockhash());
  await net.node.send(wire);
  await net.advance(3);
  const { slot } = await net.node.status(signature);
  const block = (config) => net.node.call('getBlock', slot, { commitment: 'confirmed', ...config });
  assert.deepEqual((await block({ transactionDetails: 'signatures' })).signatures, [signature]);
  assert.equal((await block({ transactionDetails: 'none' })).transactions, undefined);
  await assert.rejects(block({}), { code: -32015 }, 'a client must say that it knows version 0');
  const full = await block({ maxSupportedTransactionVersion: 0, encoding: 'base64' });
  assert.deepEqual(full.transactions[0].transaction, [wire, 'base64']);
  assert.equal(full.blockHeight, (await net.node.call('getBlockHeight', { commitment: 'confirmed' })));
  const { transaction } = await net.node.call('getTransaction', signature, { commitment: 'confirmed', maxSupportedTransactionVersion: 0 });
  assert.deepEqual(transaction.signatures, [signature]);
  assert.equal(transaction.message.accountKeys[0], from.address);
});

test('data is encoded as asked for', async (t) => {
  const net = await network(t);
  const mint = 'So11111111111111111111111111111111111111112';
  const data = async (config) => (await net.node.call('getAccountInfo', mint, { dataSlice: { offset: 44, length: 2 }, ...config })).value.data;
  const bytes = Buffer.from([9, 1]); // 9 decimals, initialized
  assert.deepEqual(await data({ encoding: 'base64' }), [bytes.toString('base64'), 'base64']);
  assert.deepEqual(await data({ encoding: 'jsonParsed' }), [bytes.toString('base64'), 'base64']);
  assert.deepEqual(await data({ encoding: 'base58' }), ['gk', 'base58']);
  assert.equal(await data({}), 'gk');
  const large = 'SysvarS1otHashes111111111111111111111111111';
  await assert.rejects(net.node.call('getAccountInfo', large, { encoding: 'base58' }), { code: -32602, message: /please use Base64/ });
});

test('program accounts are filtered and sliced', async (t) => {
  const net = await network(t);
  const mint = 'So11111111111111111111111111111111111111112';
  const tokenProgram = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
  const find = (...filters) => net.node.call('getProgramAccounts', tokenProgram, { encoding: 'base64', dataSlice: { offset: 44, length: 1 }, filters });
  const all = await find();
  assert.deepEqual(all.map(({ pubkey, account }) => [pubkey, account.data[0], account.space]), [[mint, Buffer.from([9]).toString('base64'), 82]]);
  assert.equal((await find({ dataSize: 82 }, { memcmp: { offset: 44, bytes: 'A' } })).length, 1);
  assert.equal((await find({ memcmp: { offset: 44, bytes: 'B' } })).length, 0);
  assert.equal((await find({ dataSize: 165 })).length, 0);
  assert.deepEqual((await net.node.call('getTokenSupply', mint)).value, { amount: '0', decimals: 9, uiAmount: 0, uiAmountString: '0' });
});
