// Every account of every instruction, forged in every way: the instruction fails, and the same instruction with its own accounts then
// succeeds, so that nothing but the forgery was wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, bytesOf, R } from './lib/machine.mjs';
import { holding, SYSTEM } from './lib/program.mjs';
import { World, DAY, TRUST_DAYS } from './lib/world.mjs';
import { entriesOf, trie } from './lib/trie.mjs';
import { assetId, control, sign, transfer, u64, uniformSet, word, ZERO } from './lib/wire.mjs';

const NATIVE = assetId(0, word('aipdm'));
const isSigner = (role) => role === R.READONLY_SIGNER || role === R.WRITABLE_SIGNER;
const isWritable = (role) => role === R.WRITABLE || role === R.WRITABLE_SIGNER;
const withAccount = (i, at, account) => ({ ...i, accounts: i.accounts.map((a, k) => (k === at ? account : a)) });

// forgeries tries them all on each account of an instruction, but for those of the indices in free, which may be any. Those in anywhere may be
// at any address: only the program makes accounts of their type, and it makes them at theirs.
async function forgeries(w, i, free = [], anywhere = []) {
  const { m } = w;
  for (const [at, a] of i.accounts.entries()) {
    if (free.includes(at)) continue;
    const where = (what) => `account ${at}, ${what}`;
    const expect = async (what, names, changed, options) => {
      const name = await m.failure(changed, options);
      assert.ok(names.includes(name), `${where(what)}: expected ${names.join(' or ')}, got ${name}`);
    };
    if (isSigner(a.role)) {
      const role = a.role === R.WRITABLE_SIGNER ? R.WRITABLE : R.READONLY;
      await expect('not a signer', ['NOT_SIGNER'], withAccount(i, at, { address: a.address, role }));
    }
    if (isWritable(a.role)) {
      const role = isSigner(a.role) ? R.READONLY_SIGNER : R.READONLY;
      await expect('not writable', ['NOT_WRITABLE'], withAccount(i, at, { ...a, role }));
    }
    if (isSigner(a.role)) continue;
    const there = m.svm.getAccount(a.address);
    const elsewhere = (await m.key()).address;
    const moved = withAccount(i, at, { address: elsewhere, role: a.role });
    if (there.exists && !there.executable) m.forge(elsewhere, Buffer.from(there.data), there.programAddress);
    if (!anywhere.includes(at)) await expect('at another address', ['WRONG_ADDRESS', 'WRONG_PROGRAM', 'WRONG_KEY'], moved);
    if (!there.exists || there.programAddress !== m.program.address) continue;
    const data = Buffer.from(there.data);
    const altered = async (what, names, bytes, owner) => {
      m.forge(a.address, bytes, owner);
      await expect(what, names, i);
      m.svm.setAccount(there);
    };
    await altered('owned by the system', ['WRONG_OWNER', 'EXISTS'], data, SYSTEM);
    await altered('of another owner', ['WRONG_OWNER', 'EXISTS'], data, w.guardian.address);
    const closes = i.data[0] === 6; // of whatever type; the address shows that it is not of this one
    await altered('of another type', closes ? ['WRONG_TYPE', 'WRONG_ADDRESS'] : ['WRONG_TYPE'], Buffer.concat([Buffer.from([data[0] === 5 ? 6 : 5]), data.subarray(1)]));
    await altered('of no type', ['WRONG_TYPE'], Buffer.concat([Buffer.from([0]), data.subarray(1)]));
    if (!anywhere.includes(at)) await altered('with another bump', ['WRONG_ADDRESS'], Buffer.concat([data.subarray(0, 1), Buffer.from([data[1] ^ 1]), data.subarray(2)]));
    await altered('cut short', ['WRONG_TYPE'], data.subarray(0, 40));
  }
  if (i.accounts.length > 1) assert.equal(await m.failure({ ...i, accounts: i.accounts.slice(0, 1) }), 'ACCOUNTS_MISSING');
  return m.send(i);
}

test('client', async (t) => {
  const w = await (await World.open({ initialize: false })).load();
  const relayer = await w.m.wallet();
  const next = uniformSet('next', 3);
  await t.test('initialize', async () => forgeries(w, await w.p.initialize(relayer, w.m.program, w.genesis())));
  await t.test('write_buffer, new', async () => forgeries(w, await w.p.writeBuffer(relayer, 1n, 300, 0, Buffer.from([1]))));
  await t.test('write_buffer, old', async () => forgeries(w, await w.p.writeBuffer(relayer, 1n, 300, 1, Buffer.from([2])), [2]));
  await t.test('put_set', async () => forgeries(w, await w.p.putSet(relayer, next.root, next.bytes)));
  const c = w.checkpoint({ next: next.root });
  await t.test('begin', async () => forgeries(w, await w.p.begin(relayer, c.digest, c.bytes)));
  await t.test('add_signatures', async () => {
    await w.signAll(c, 0, 3);
    await forgeries(w, await w.p.addSignatures(c.digest, w.set.root, [sign(c.digest, w.set.members[3], 3)]));
  });
  await t.test('finalize', async () => forgeries(w, await w.finalize(c, next.root)));
  await t.test('close', async () => forgeries(w, await w.p.close(await w.p.address('session', c.digest), relayer.address, relayer), [3]));
  await t.test('close of a buffer', async () =>
    forgeries(w, await w.p.close(await w.p.address('buffer', bytesOf(relayer.address), u64(1n)), relayer.address, relayer)));
});

test('recovery', async (t) => {
  const w = await (await World.open()).load();
  w.m.pass(TRUST_DAYS * DAY + 1n);
  await t.test('propose_recovery', async () => forgeries(w, await w.p.proposeRecovery(w.recovery, 2n, w.set.root)));
  await t.test('cancel_recovery', async () => forgeries(w, await w.p.cancelRecovery(w.guardian)));
  await w.m.send(await w.p.proposeRecovery(w.recovery, 2n, w.set.root));
  w.m.pass(7n * DAY);
  await t.test('execute_recovery', async () => forgeries(w, await w.p.executeRecovery(w.set.root)));
});

test('anchors', async (t) => {
  const w = await (await World.open()).load();
  const relayer = await w.m.wallet();
  const [[key, value], ...rest] = entriesOf(3);
  const { root, proof } = trie([[key, value], ...rest], key);
  w.anchors = root;
  await w.accept();
  const prove = () => w.p.proveAnchor(w.height, key, proof, relayer);
  const id = await w.upload((await prove()).data.subarray(1));
  await t.test('prove_anchor', async () => {
    const i = await w.p.proveAnchor(w.height, key, proof);
    await forgeries(w, i);
  });
  await t.test('prove_anchor from a buffer, stored', async () => forgeries(w, await w.p.buffered(await prove(), w.m.payer.address, id)));
  await t.test('prove_anchor, stored before', async () => forgeries(w, await prove(), [1, 3])); // nothing to create, nothing to pay
});

test('gateway', async (t) => {
  const w = await (await World.open()).load();
  const [relayer, user] = [await w.m.wallet(), await w.m.wallet()];
  const deliver = async (m, accounts) => {
    const i = await w.delivery(m, accounts);
    return withAccount(i, 0, { address: relayer.address, role: R.WRITABLE_SIGNER, signer: relayer });
  };
  const message = async (fields) => { const m = w.message(fields); await w.accept(); return m; };
  const govern = async (payload) => message({ kind: 3, sender: ZERO, payload });

  await t.test('register minted', async () => forgeries(w, await deliver(await govern(control.registerMinted(NATIVE, 18, 'wIPDM')), await w.mintedAccounts(NATIVE))));
  const foreign = await w.foreignMint(user.address, 1000n);
  const asset = assetId(2, bytesOf(foreign.mint));
  await t.test('register locked', async () => forgeries(w, await deliver(await govern(control.registerLocked(asset, bytesOf(foreign.mint))), await w.lockedAccounts(asset, foreign.mint))));
  await t.test('set limit', async () => forgeries(w, await deliver(await govern(control.limit(NATIVE, 10n ** 10n, 60)), [{ address: await w.p.address('asset', NATIVE), role: R.WRITABLE }])));
  const mint = await w.p.address('mint', NATIVE);
  await w.holdingOf(user.address, mint);
  const transferOf = async (units) => deliver(await message({ recipient: bytesOf(user.address), payload: transfer(NATIVE, units * 10n ** 9n) }), await w.p.transferAccounts(NATIVE, 'minted', mint, user.address));
  let first;
  await t.test('deliver transfer, the rest owed', async () => {
    first = BigInt(w.leaves.length);
    await forgeries(w, await transferOf(15n));
    assert.equal(w.balance(await holding(user.address, mint)), 10n);
  });
  await t.test('claim', async () => {
    w.m.pass(120n);
    await forgeries(w, await w.p.claim(first, NATIVE, 'minted', mint, user.address, relayer.address)); // closes what is owed
    assert.equal(w.balance(await holding(user.address, mint)), 15n);
  });
  await t.test('deliver call', async () => {
    const m = await message({ kind: 2, recipient: bytesOf(user.address), payload: Buffer.from('hello') });
    await forgeries(w, await deliver(m, [{ address: await w.p.address('mail', u64(m.nonce)), role: R.WRITABLE }]));
  });
  await t.test('close of a mailbox', async () => {
    const nonce = BigInt(w.leaves.length - 1);
    await forgeries(w, await w.p.close(await w.p.address('mail', u64(nonce)), relayer.address, user));
  });
  // The token program checks the sender's account: index 5.
  await t.test('send, minted', async () => forgeries(w, await w.p.send(relayer, user, NATIVE, 'minted', mint, word('to'), 3n, w.nextID()), [5]));
  await t.test('send, locked', async () => forgeries(w, await w.p.send(relayer, user, asset, 'locked', foreign.mint, word('to'), 3n, w.nextID()), [5]));
  await t.test('send_call', async () => forgeries(w, await w.p.sendCall(relayer, user, word('to'), Buffer.from('x'), w.nextID())));
  await t.test('pause', async () => forgeries(w, await w.p.pause(w.guardian)));
  await t.test('close of an event', async () => {
    w.m.pass(14n * DAY);
    await w.accept();
    await forgeries(w, await w.p.closeEvent(addressOf(w.gateway().recent(w.nextEvent - 1n)), relayer.address, relayer), [3], [0]);
  });
});
