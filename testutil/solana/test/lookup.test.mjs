import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as kit from '@solana/kit';
import { funded, network, newKey, SOL, sign, systemProgram, transferOf } from './helper.mjs';

const tableProgram = 'AddressLookupTab1e1111111111111111111111111';
const { WRITABLE, WRITABLE_SIGNER, READONLY, READONLY_SIGNER } = kit.AccountRole;
const encodeAddress = (address) => Buffer.from(kit.getAddressEncoder().encode(address));
const u64 = (value) => Buffer.from(kit.getU64Encoder().encode(value));

/** Makes a table that holds addresses and returns its own address. */
async function makeTable(net, payer, addresses) {
  const slot = await net.node.call('getSlot', { commitment: 'confirmed' });
  const seeds = [encodeAddress(payer.address), u64(slot)];
  const [table, bump] = await kit.getProgramDerivedAddress({ programAddress: tableProgram, seeds });
  const signer = (role) => ({ address: payer.address, role, signer: payer });
  const [tableAccount, system] = [{ address: table, role: WRITABLE }, { address: systemProgram, role: READONLY }];
  const accounts = [tableAccount, signer(READONLY_SIGNER), signer(WRITABLE_SIGNER), system];
  const create = Buffer.concat([Buffer.from([0, 0, 0, 0]), u64(slot), Buffer.from([bump])]);
  const extend = Buffer.concat([Buffer.from([2, 0, 0, 0]), u64(addresses.length), ...addresses.map(encodeAddress)]);
  const instructions = [create, extend].map((data) => ({ programAddress: tableProgram, accounts, data }));
  const { wire, signature } = await sign(payer, instructions, await net.node.blockhash());
  await net.node.send(wire);
  await net.advance(2);
  assert.equal((await net.node.status(signature)).err, null);
  return table;
}

test('accounts that a transaction loads from a table are read, changed and shown', async (t) => {
  const net = await network(t);
  const payer = await funded(net);
  const to = (await newKey()).address;
  const table = await makeTable(net, payer, [(await newKey()).address, to]);
  const feed = await net.node.subscribe(t);
  const logs = await feed.call('logsSubscribe', { mentions: [to] }, { commitment: 'processed' });

  const message = kit.compressTransactionMessageUsingAddressLookupTables(
    kit.pipe(
      kit.createTransactionMessage({ version: 0 }),
      (m) => kit.setTransactionMessageFeePayerSigner(payer, m),
      (m) => kit.appendTransactionMessageInstructions([transferOf(payer, to, SOL)], m),
    ),
    { [table]: [(await newKey()).address, to] },
  );
  const blockhash = await net.node.blockhash();
  const signed = await kit.signTransactionMessageWithSigners(
    kit.setTransactionMessageLifetimeUsingBlockhash({ blockhash, lastValidBlockHeight: 0n }, message),
  );
  const signature = await net.node.send(kit.getBase64EncodedWireTransaction(signed));
  await net.advance(3);
  assert.equal(await net.node.balance(to), SOL);
  assert.equal((await feed.next(logs)).value.signature, signature);
  const settings = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 };
  const { meta, transaction, version } = await net.node.call('getTransaction', signature, settings);
  assert.equal(version, 0);
  assert.deepEqual(meta.loadedAddresses, { writable: [to], readonly: [] });
  assert.deepEqual(transaction.message.addressTableLookups, [{ accountKey: table, writableIndexes: [1], readonlyIndexes: [] }]);
  assert.equal(meta.postBalances[meta.postBalances.length - 1], Number(SOL));
  assert.equal((await net.node.call('getSignaturesForAddress', to, { commitment: 'confirmed' })).length, 1);

  await net.rollback(3);
  assert.equal(await net.node.balance(to), 0n);
});
