import assert from 'node:assert/strict';
import { test } from 'node:test';
import { funded, network, SOL, transfer } from './helper.mjs';

test('a blockhash is valid up to lastValidBlockHeight and not one block longer', async (t) => {
  const net = await network(t);
  const { blockhash, lastValidBlockHeight } = (await net.node.call('getLatestBlockhash', { commitment: 'processed' })).value;
  const height = () => net.node.call('getBlockHeight', { commitment: 'processed' });
  const valid = async () => (await net.node.call('isBlockhashValid', blockhash, { commitment: 'processed' })).value;
  assert.equal(lastValidBlockHeight, (await height()) + 150);
  await net.advance(150);
  assert.equal(await height(), lastValidBlockHeight);
  assert.equal(await valid(), true);
  await net.advance();
  assert.equal(await valid(), false);
});

for (const { name, blocks, lands } of [
  { name: 'sent at lastValidBlockHeight still lands in the next block', blocks: 150, lands: true },
  { name: 'sent after lastValidBlockHeight never lands', blocks: 151, lands: false },
]) {
  test(`a transaction ${name}`, async (t) => {
    const net = await network(t);
    const from = await funded(net);
    const { wire, signature } = await transfer(from, from.address, 1n, await net.node.blockhash());
    await net.advance(blocks);
    if (lands) await net.node.send(wire);
    else await assert.rejects(net.node.send(wire), { code: -32002, message: /Blockhash not found/ });
    await net.node.send(wire, { skipPreflight: true });
    await net.advance();
    assert.equal((await net.node.status(signature)) !== null, lands);
  });
}

test('slots without blocks do not age a blockhash', async (t) => {
  const net = await network(t);
  const hash = await net.node.blockhash();
  await net.command('skip', { slots: 1000 });
  await net.advance();
  assert.equal((await net.node.call('isBlockhashValid', hash, { commitment: 'processed' })).value, true);
});

test('the fee of a message is known while its blockhash is', async (t) => {
  const net = await network(t);
  const from = await funded(net);
  const { wire } = await transfer(from, from.address, SOL, await net.node.blockhash());
  const message = Buffer.from(wire, 'base64').subarray(65).toString('base64');
  assert.equal((await net.node.call('getFeeForMessage', message, { commitment: 'processed' })).value, 5000);
  await net.advance(151);
  assert.equal((await net.node.call('getFeeForMessage', message, { commitment: 'processed' })).value, null);
});
