import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as kit from '@solana/kit';
import { LiteSVM } from 'litesvm';
import { funded, network, newKey, sign, systemProgram } from './helper.mjs';

const loader = 'BPFLoaderUpgradeab1e11111111111111111111111';
const rentSysvar = 'SysvarRent111111111111111111111111111111111';
const clockSysvar = 'SysvarC1ock11111111111111111111111111111111';
const plainLoader = 'BPFLoader2111111111111111111111111111111111';
const { WRITABLE, READONLY, WRITABLE_SIGNER, READONLY_SIGNER } = kit.AccountRole;

/** The image of the memo program that comes with the SVM. */
const memoImage = () => Buffer.from(new LiteSVM().getProgramAccounts(plainLoader).find(({ address }) => address.startsWith('Memo')).data);

const memo = (program, text) => ({ programAddress: program, accounts: [], data: Buffer.from(text) });

async function send(net, payer, instructions) {
  const { wire, signature } = await sign(payer, instructions, await net.node.blockhash());
  await net.node.send(wire, { skipPreflight: true });
  return signature;
}

const u32 = (value) => kit.getU32Encoder().encode(value);
const u64 = (value) => kit.getU64Encoder().encode(value);
const concat = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const signer = (key, role) => ({ address: key.address, role, signer: key });

function createAccount(payer, account, lamports, space) {
  const data = concat(u32(0), u64(lamports), u64(space), kit.getAddressEncoder().encode(loader));
  return { programAddress: systemProgram, accounts: [signer(payer, WRITABLE_SIGNER), signer(account, WRITABLE_SIGNER)], data };
}

/** Writes an image into a buffer account and returns its key. */
async function writeBuffer(net, payer, image) {
  const buffer = await newKey();
  const space = 37 + image.length;
  const rent = await net.node.call('getMinimumBalanceForRentExemption', space);
  const accounts = [{ address: buffer.address, role: WRITABLE }, signer(payer, READONLY_SIGNER)];
  await send(net, payer, [
    createAccount(payer, buffer, rent, space),
    { programAddress: loader, accounts: [accounts[0], { address: payer.address, role: READONLY }], data: u32(0) },
  ]);
  for (let at = 0; at < image.length; at += 900) {
    const chunk = image.subarray(at, at + 900);
    await send(net, payer, [{ programAddress: loader, accounts, data: concat(u32(1), u32(at), u64(chunk.length), chunk) }]);
  }
  return buffer;
}

async function deploy(net, payer, buffer, program, size) {
  const seeds = [kit.getAddressEncoder().encode(program.address)];
  const [programData] = await kit.getProgramDerivedAddress({ programAddress: loader, seeds });
  const rent = await net.node.call('getMinimumBalanceForRentExemption', 36);
  const accounts = [
    signer(payer, WRITABLE_SIGNER),
    ...[programData, program.address, buffer.address].map((address) => ({ address, role: WRITABLE })),
    ...[rentSysvar, clockSysvar, systemProgram].map((address) => ({ address, role: READONLY })),
    signer(payer, READONLY_SIGNER),
  ];
  const data = concat(u32(2), u64(size));
  return send(net, payer, [createAccount(payer, program, rent, 36), { programAddress: loader, accounts, data }]);
}

test('a program given at the start runs', async (t) => {
  const program = (await newKey()).address;
  const net = await network(t, { programs: [[program, memoImage()]] });
  const payer = await funded(net);
  const signature = await send(net, payer, [memo(program, 'hello')]);
  await net.advance(3);
  const { meta } = await net.node.call('getTransaction', signature, { commitment: 'confirmed', maxSupportedTransactionVersion: 0 });
  assert.match(meta.logMessages.join('\n'), /Program log: hello/);
  assert.equal(meta.err, null);
  const { value } = await net.node.call('getAccountInfo', program, { encoding: 'base64' });
  assert.deepEqual([value.executable, value.owner], [true, loader]);
});

test('an image that the loader refuses stops the start', async (t) => {
  const program = (await newKey()).address;
  await assert.rejects(network(t, { programs: [[program, Buffer.from('no program')]] }));
});

test('a program is deployed by transactions, gone after a rollback, and deployed again', async (t) => {
  const net = await network(t);
  const payer = await funded(net, 100_000_000_000n);
  const image = memoImage();
  const buffer = await writeBuffer(net, payer, image);
  await net.advance(8);

  const program = await newKey();
  const deployed = await deploy(net, payer, buffer, program, image.length);
  await net.advance(2);
  assert.equal((await net.node.status(deployed)).err, null);
  const call = async () => {
    const { wire } = await sign(payer, [memo(program.address, 'x')], await net.node.blockhash());
    return (level) => net.node.call('simulateTransaction', wire, { encoding: 'base64', commitment: level, replaceRecentBlockhash: true });
  };
  let simulate = await call();
  assert.equal((await simulate('processed')).value.err, null);
  assert.equal((await simulate('finalized')).value.err, 'ProgramAccountNotFound', 'not there at finality');
  assert.equal((await simulate('processed')).value.err, null, 'a look at the past does not disturb it');

  await net.rollback(2);
  assert.equal((await simulate('processed')).value.err, 'ProgramAccountNotFound');
  const before = await net.node.balance(payer.address);
  const failed = await send(net, payer, [memo(program.address, 'x')]);
  await net.advance();
  assert.equal((await net.node.status(failed)).err, 'ProgramAccountNotFound');
  assert.equal(await net.node.balance(payer.address), before - 5000n, 'the fee is paid');

  const again = await deploy(net, payer, buffer, program, image.length);
  await net.advance(2);
  assert.equal((await net.node.status(again)).err, null);
  simulate = await call();
  assert.equal((await simulate('processed')).value.err, null);
});
