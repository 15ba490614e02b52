import assert from 'node:assert/strict';
import { test } from 'node:test';
import { funded, network, newKey, SOL, sign, transfer, transferOf } from './helper.mjs';

test('a transaction runs once however often it is sent', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const to = (await newKey()).address;
  const { wire, signature } = await transfer(from, to, SOL, await net.node.blockhash());
  assert.equal(await net.node.send(wire), signature);
  assert.equal(await net.node.send(wire), signature);
  await net.advance();
  await assert.rejects(net.node.send(wire), { code: -32002, message: /already been processed/ });
  assert.equal(await net.node.send(wire, { skipPreflight: true }), signature);
  await net.advance();
  assert.equal(await net.node.balance(to), SOL);
  assert.equal((await net.node.call('getSignaturesForAddress', to, { commitment: 'confirmed' })).length, 0);
  await net.advance(2);
  assert.equal((await net.node.call('getSignaturesForAddress', to, { commitment: 'confirmed' })).length, 1);
});

test('a failing transaction is stopped by preflight, and without it pays its fee and is in a block', async (t) => {
  const net = await network(t);
  const from = await funded(net, SOL);
  const to = (await newKey()).address;
  const { wire, signature } = await transfer(from, to, 2n * SOL, await net.node.blockhash());
  const err = { InstructionError: [0, { Custom: 1 }] };
  await assert.rejects(net.node.send(wire), (error) => {
    assert.equal(error.code, -32002);
    assert.equal(error.message, 'Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1');
    assert.deepEqual(error.data.err, err);
    assert.equal(error.data.unitsConsumed, 150);
    assert.match(error.data.logs.join('\n'), /insufficient lamports/);
    return true;
  });
  await net.node.send(wire, { skipPreflight: true });
  await net.advance(3);
  assert.deepEqual((await net.node.status(signature)).err, err);
  assert.equal(await net.node.balance(from.address), SOL - 5000n);
  const { meta } = await net.node.call('getTransaction', signature, { commitment: 'confirmed', maxSupportedTransactionVersion: 0 });
  assert.deepEqual(meta.err, err);
  assert.equal(meta.fee, 5000);
  assert.equal(BigInt(meta.preBalances[0]) - BigInt(meta.postBalances[0]), 5000n);
});

test('a transaction that no block may hold leaves no trace', async (t) => {
  const net = await network(t);
  await net.advance(8);
  const poor = await newKey();
  const { wire, signature } = await transfer(poor, poor.address, 1n, await net.node.blockhash());
  await net.node.send(wire, { skipPreflight: true });
  await net.advance(3);
  assert.equal(await net.node.status(signature, { searchTransactionHistory: true }), null);
});

test('a wrong signature is refused, and lost without preflight', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const { wire } = await transfer(from, from.address, 1n, await net.node.blockhash());
  const bytes = Buffer.from(wire, 'base64');
  bytes[1] ^= 1;
  const forged = bytes.toString('base64');
  await assert.rejects(net.node.send(forged), { code: -32003 });
  const signature = await net.node.send(forged, { skipPreflight: true });
  await net.advance();
  assert.equal(await net.node.status(signature), null);
});

test('bytes that are no transaction are refused, whatever they are', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const { wire } = await transfer(from, from.address, 1n, await net.node.blockhash());
  const good = Buffer.from(wire, 'base64');
  const refused = (bytes) => assert.rejects(net.node.send(bytes.toString('base64'), { skipPreflight: true }), { code: -32602 });
  for (let size = 0; size < good.length; size += 7) await refused(good.subarray(0, size));
  await refused(Buffer.concat([good, Buffer.from([0])]));
  await refused(Buffer.concat([good, Buffer.alloc(1232)]));
  const version1 = Buffer.from(good);
  version1[65] = 0x81;
  await refused(version1);
  await assert.rejects(net.node.send('%%%'), { code: -32602 });
  await assert.rejects(net.node.send(7), { code: -32602 });
  for (let at = 0; at < good.length; at++) {
    const damaged = Buffer.from(good);
    damaged[at] ^= 0x55;
    await net.node.send(damaged.toString('base64'), { skipPreflight: true }).catch((error) => assert.equal(error.code, -32602));
  }
  await net.advance();
  assert.equal(await net.node.call('getHealth'), 'ok', 'the SVM outlives what it was sent');
});

test('a simulation keeps nothing, and says what would be', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const to = (await newKey()).address;
  const { wire } = await transfer(from, to, SOL, await net.node.blockhash());
  const simulate = (config, bytes = wire) =>
    net.node.call('simulateTransaction', bytes, { encoding: 'base64', commitment: 'processed', ...config });
  const { value } = await simulate({ accounts: { encoding: 'base64', addresses: [to] } });
  assert.equal(value.err, null);
  assert.equal(value.unitsConsumed, 150);
  assert.equal(value.accounts[0].lamports, Number(SOL));
  assert.equal(await net.node.balance(to), 0n);

  const unsigned = Buffer.from(wire, 'base64').fill(0, 1, 65).toString('base64');
  assert.equal((await simulate({}, unsigned)).value.err, null, 'signatures are not verified unless asked for');
  await assert.rejects(simulate({ sigVerify: true }, unsigned), { code: -32003 });
  await assert.rejects(simulate({ sigVerify: true, replaceRecentBlockhash: true }), { code: -32602 });

  await net.advance(151);
  assert.equal((await simulate({})).value.err, 'BlockhashNotFound');
  const replaced = (await simulate({ replaceRecentBlockhash: true })).value;
  assert.equal(replaced.err, null);
  assert.equal(replaced.replacementBlockhash.blockhash, await net.node.blockhash());
});

test('a bid for compute units is paid as the fee says', async (t) => {
  const net = await network(t);
  const from = await funded(net, SOL);
  const budget = (kind, size, value) => {
    const data = Buffer.alloc(1 + size);
    data[0] = kind;
    if (size === 4) data.writeUInt32LE(value, 1);
    else data.writeBigUInt64LE(BigInt(value), 1);
    return { programAddress: 'ComputeBudget111111111111111111111111111111', data };
  };
  for (const { name, bid } of [
    { name: 'price and limit', bid: [budget(3, 8, 1_000_001), budget(2, 4, 70_001)] },
    { name: 'price alone, with the default limit', bid: [budget(3, 8, 1_000_001)] },
  ]) {
    const before = await net.node.balance(from.address);
    const blockhash = await net.node.blockhash();
    const { wire, signature } = await sign(from, [...bid, transferOf(from, from.address, 1n)], blockhash);
    await net.node.send(wire);
    await net.advance(3);
    const { meta } = await net.node.call('getTransaction', signature, { commitment: 'confirmed', maxSupportedTransactionVersion: 0 });
    assert.equal(before - (await net.node.balance(from.address)), BigInt(meta.fee), name);
    assert.ok(meta.fee > 5000, name);
  }
  const fees = await net.node.call('getRecentPrioritizationFees', [from.address]);
  assert.equal(Math.max(...fees.map(({ prioritizationFee }) => prioritizationFee)), 1_000_001);
});
