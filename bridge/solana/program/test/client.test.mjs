import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rent } from 'litesvm';
import { bytesOf } from './lib/machine.mjs';
import { World, DAY, TRUST_DAYS } from './lib/world.mjs';
import { encodeSet, H, sign, signer, signerSet, setRoot, u16, u64, uniformSet, word, ZERO } from './lib/wire.mjs';

const open = (options) => World.open(options).then((w) => w.load());
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const u256 = (n) => Buffer.from(n.toString(16).padStart(64, '0'), 'hex');

test('initialize', async (t) => {
  const w = await open({ initialize: false });
  const cases = [
    ['by another than the program key', 'WRONG_KEY', {}, await w.m.wallet()],
    ['with domain 0, which is IPDM', 'ARGUMENTS', { domain: Buffer.alloc(4) }],
    ['with no trust period', 'ARGUMENTS', { trust: 0n }],
    ['with a period of 2^56', 'ARGUMENTS', { retention: 1n << 56n }],
    ['with a pause of more than 30 days', 'ARGUMENTS', { pause: 30n * DAY * 1000n + 1n, cooldown: 31n * DAY * 1000n }],
    ['with a cool-down that is shorter than the pause', 'ARGUMENTS', { pause: 3n * DAY * 1000n, cooldown: 3n * DAY * 1000n - 1n }],
    ['with events that are kept for less than a week', 'ARGUMENTS', { retention: 7n * DAY * 1000n - 1n }],
    ['with a set that is not put', 'WRONG_OWNER', { set: word('none') }],
  ];
  for (const [name, error, changes, self] of cases)
    await t.test(name, async () => w.m.fails(error, await w.initialize(changes, self)));
  await t.test('without the signature of the program key', async () => {
    const i = await w.initialize();
    i.accounts[1] = { address: i.accounts[1].address, role: 0 };
    await w.m.fails('NOT_SIGNER', i);
  });
  await t.test('once', async () => {
    await w.m.send(await w.initialize({ pause: 30n * DAY * 1000n, cooldown: 30n * DAY * 1000n, retention: 7n * DAY * 1000n }));
    assert.deepEqual(w.client().set, w.set.root);
    assert.equal(w.client().epoch, 1n);
    await w.m.fails('EXISTS', await w.initialize());
  });
});

test('initialize where somebody sent lamports to the addresses before', async () => {
  const w = await open({ initialize: false });
  for (const address of [w.clientAddress, w.gatewayAddress]) w.m.svm.airdrop(address, 1_000_000n);
  await w.m.send(await w.initialize());
  assert.equal(w.client().epoch, 1n);
});

test('signer sets', async (t) => {
  const w = await open();
  const [a, b, c] = signerSet([signer('a', 30), signer('b', 20), signer('c', 10)]).members;
  const zero = { address: Buffer.alloc(20), power: 5n };
  const bad = [
    ['out of order by power', 'SET_ORDER', encodeSet([b, a, c])],
    ['out of order by address', 'SET_ORDER', encodeSet(uniformSet('x', 3).members.reverse())],
    ['a member twice, one after the other', 'SET_MEMBER', encodeSet([a, a])],
    ['a member twice with other power', 'SET_MEMBER', encodeSet([a, b, { ...a, power: 1n }])],
    ['no power', 'SET_MEMBER', encodeSet([a, { ...b, power: 0n }])],
    ['no address', 'SET_MEMBER', encodeSet([a, zero])],
    ['power of 2^62', 'SET_POWER', encodeSet([{ ...a, power: 1n << 62n }])],
    ['power of 2^62 in sum', 'SET_POWER', encodeSet([{ ...a, power: 1n << 61n }, { ...b, power: 1n << 61n }].sort((x, y) => Buffer.compare(x.address, y.address)))],
    ['of nobody', 'SET_SIZE', u16(0)],
    ['cut short', 'SET_SIZE', encodeSet([a, b]).subarray(0, 57)],
    ['of one byte', 'SET_SIZE', Buffer.from([0])],
  ];
  for (const [name, error, bytes] of bad)
    await t.test(name, async () => w.m.fails(error, await w.p.putSet(w.m.payer, setRoot(bytes), bytes)));
  await t.test('at the address of another root', async () =>
    w.m.fails('WRONG_ADDRESS', await w.p.putSet(w.m.payer, word('other'), encodeSet([a, b]))));
  await t.test('put twice', async () => {
    const put = await w.p.putSet(w.m.payer, setRoot(encodeSet([a, b])), encodeSet([a, b]));
    await w.m.send(put);
    await w.m.send(put);
  });
  await t.test('put over another', async () => {
    const put = await w.p.putSet(w.m.payer, w.set.root, encodeSet([a, c]));
    await w.m.fails('SET_OTHER', put);
  });
  await t.test('of 256 members', async (s) => {
    const taken = await w.putSet(uniformSet('full', 256));
    s.diagnostic(`put_set, 256 members: ${taken.units} CU`);
  });
  await t.test('of 257 members', async () => {
    const set = uniformSet('over', 257);
    const put = await w.large(await w.p.putSet(w.m.payer, set.root, set.bytes));
    await w.m.fails('SET_SIZE', put);
  });
});

test('checkpoints', async (t) => {
  for (const count of [1, 4, 20, 67]) {
    await t.test(`signed by ${count}`, async (s) => {
      const w = await open({ set: uniformSet('many', count) });
      const c = w.checkpoint({ anchors: word('anchors') });
      await w.begin(c);
      const taken = await w.signAll(c);
      const last = await w.m.send(await w.finalize(c));
      assert.deepEqual(w.client().digest, c.digest);
      assert.equal(w.client().height, c.height);
      assert.equal(w.client().count, 1n);
      const most = taken.reduce((a, b) => (a.units > b.units ? a : b));
      s.diagnostic(`${count} signers: ${taken.length} transactions of signatures, at most ${most.units} CU and ${most.size} bytes; finalize ${last.units} CU`);
      assert.ok(most.units <= 400_000, `${most.units} CU`);
    });
  }

  const w = await open();
  const refused = [
    ['of another chain', 'CHECKPOINT_CHAIN', { chain: word('chain') }],
    ['of the height of the head', 'CHECKPOINT_HEIGHT', { height: 0n }],
    ['of a past epoch', 'CHECKPOINT_EPOCH_PAST', { epoch: 0n }],
    ['of the epoch after', 'CHECKPOINT_EPOCH_AHEAD', { epoch: 2n }],
    ['signed by another set', 'CHECKPOINT_SET', { set: word('set') }],
  ];
  for (const [name, error, changes] of refused) {
    await t.test(name, async () => {
      const c = w.checkpoint(changes);
      await w.m.fails(error, await w.p.begin(w.m.payer, c.digest, c.bytes));
    });
  }
  await t.test('of an unknown version', async () => {
    const c = w.checkpoint();
    c.bytes[9] ^= 3;
    await w.m.fails('CHECKPOINT_FORMAT', await w.p.begin(w.m.payer, H(c.bytes), c.bytes));
  });
  await t.test('a byte short', async () => {
    const c = w.checkpoint();
    await w.m.fails('CHECKPOINT_FORMAT', await w.p.begin(w.m.payer, c.digest, c.bytes.subarray(0, 225)));
  });
  await t.test('opened under another digest', async () => {
    const c = w.checkpoint();
    await w.m.fails('WRONG_ADDRESS', await w.p.begin(w.m.payer, word('digest'), c.bytes));
  });
  await t.test('of an old height, or an earlier time', async () => {
    const c = await w.accept();
    const old = w.checkpoint({ height: c.height });
    await w.m.fails('CHECKPOINT_HEIGHT', await w.p.begin(w.m.payer, old.digest, old.bytes));
    const early = w.checkpoint({ time: c.time - 1n });
    await w.m.fails('CHECKPOINT_TIME', await w.p.begin(w.m.payer, early.digest, early.bytes));
    await w.accept({ time: c.time });
  });
  await t.test('opened twice, finalized twice', async () => {
    const c = w.checkpoint();
    await w.begin(c);
    await w.begin(c);
    await w.signAll(c);
    await w.m.send(await w.finalize(c));
    await w.m.send(await w.finalize(c));
    w.height = c.height;
    assert.equal(w.client().height, c.height);
  });
  await t.test('that another overtook', async () => {
    const [c, later] = [w.checkpoint(), w.checkpoint({ height: w.height + 5n })];
    await w.begin(c);
    await w.signAll(c);
    await w.begin(later);
    await w.signAll(later);
    await w.m.send(await w.finalize(later));
    w.height = later.height;
    await w.m.fails('CHECKPOINT_HEIGHT', await w.finalize(c));
  });
});

test('signatures', async (t) => {
  const w = await open();
  const c = w.checkpoint();
  await w.begin(c);
  const { members, root } = w.set;
  const add = (...s) => w.p.addSignatures(c.digest, root, s);
  const change = (from, f) => { const s = Buffer.from(sign(c.digest, members[0], from)); f(s); return s; };
  const cases = [
    ['of a member under the index of another', 'SIGNATURE_SIGNER', sign(c.digest, members[0], 1)],
    ['of no member', 'SIGNATURE_SIGNER', sign(c.digest, signer('stranger', 1), 0)],
    ['of another digest', 'SIGNATURE_SIGNER', sign(word('digest'), members[0], 0)],
    ['with an index past the set', 'SIGNER_INDEX', sign(c.digest, members[0], 4)],
    ['with the other recovery id', 'SIGNATURE_SIGNER', change(0, (s) => { s[65] ^= 1; })],
    ['with recovery id 2', 'SIGNATURE_V', change(0, (s) => { s[65] += 2; })],
    ['with recovery id 27', 'SIGNATURE_V', change(0, (s) => { s[65] += 27; })],
    ['with high s', 'SIGNATURE_S', change(0, (s) => {
      u256(ORDER - BigInt('0x' + s.subarray(33, 65).toString('hex'))).copy(s, 33);
      s[65] ^= 1;
    })],
    ['with s half the order and one', 'SIGNATURE_S', change(0, (s) => u256((ORDER >> 1n) + 1n).copy(s, 33))],
    ['with r zero', 'SIGNATURE_RECOVER', change(0, (s) => s.fill(0, 1, 33))],
    ['with s zero', 'SIGNATURE_RECOVER', change(0, (s) => s.fill(0, 33, 65))],
    ['with r the order', 'SIGNATURE_RECOVER', change(0, (s) => u256(ORDER).copy(s, 1))],
    ['cut short', 'ARGUMENTS', sign(c.digest, members[0], 0).subarray(0, 65)],
    ['none', 'ARGUMENTS', Buffer.alloc(0)],
  ];
  for (const [name, error, s] of cases) await t.test(name, async () => w.m.fails(error, await add(s)));

  await t.test('one bad among good ones takes none', async () => {
    await w.m.fails('SIGNATURE_SIGNER', await add(sign(c.digest, members[0], 0), sign(c.digest, members[1], 2)));
    await w.m.fails('POWER', await w.finalize(c));
  });
  await t.test('a member counts once, in one transaction and over several', async () => {
    const own = sign(c.digest, members[0], 0);
    await w.m.send(await add(own, own, own, own));
    await w.m.send(await add(own));
    await w.m.fails('POWER', await w.finalize(c));
  });
  await t.test('checked by another set', async () => {
    const other = uniformSet('other', 3);
    await w.putSet(other);
    await w.m.fails('SET_OTHER', await w.p.addSignatures(c.digest, other.root, [sign(c.digest, other.members[0], 0)]));
    await w.m.fails('SET_OTHER', await w.p.finalize(c.digest, other.root));
  });
});

test('power', async (t) => {
  const cases = [
    ['exactly two thirds', [1, 1, 1], 2, false],
    ['all but the least of three', [3, 3, 2], 2, true],
    ['exactly two thirds of large power', [1n << 60n, 1n << 60n, 1n << 60n], 2, false],
    ['just over', [(1n << 60n) + 1n, 1n << 60n, 1n << 60n], 2, true],
    ['one of one', [5], 1, true],
    ['none', [5], 0, false],
  ];
  for (const [name, powers, signed, enough] of cases) {
    await t.test(name, async () => {
      const w = await open({ set: signerSet(powers.map((p, i) => signer(`p${i}`, p))) });
      const c = w.checkpoint();
      await w.begin(c);
      await w.signAll(c, 0, signed);
      if (enough) await w.m.send(await w.finalize(c));
      else await w.m.fails('POWER', await w.finalize(c));
      assert.equal(w.client().height, enough ? c.height : 0n);
    });
  }
});

test('rotation', async (t) => {
  const w = await open();
  const next = uniformSet('next', 20), after = uniformSet('after', 4);
  const c = w.checkpoint({ next: next.root });
  await w.begin(c);
  await w.signAll(c);
  await t.test('without the account of the next set', async () => w.m.fails('ACCOUNTS_MISSING', await w.finalize(c)));
  await t.test('with the account of another', async () => {
    await w.putSet(after);
    await w.m.fails('SET_OTHER', await w.finalize(c, after.root));
  });
  await t.test('to the next set', async () => {
    await w.putSet(next);
    await w.m.send(await w.finalize(c, next.root));
    assert.equal(w.client().epoch, 2n);
    assert.deepEqual(w.client().set, next.root);
  });
  Object.assign(w, { height: c.height });
  await t.test('the old set signs no more', async () => {
    const old = w.checkpoint();
    await w.m.fails('CHECKPOINT_EPOCH_PAST', await w.p.begin(w.m.payer, old.digest, old.bytes));
    const forged = w.checkpoint({ epoch: 2n });
    await w.m.fails('CHECKPOINT_SET', await w.p.begin(w.m.payer, forged.digest, forged.bytes));
  });
  await t.test('the next set signs', async () => {
    Object.assign(w, { epoch: 2n, set: next });
    await w.accept();
    await w.accept({ next: after.root }, after);
    assert.equal(w.client().epoch, 3n);
  });
  await t.test('an epoch cannot be skipped', async () => {
    const skipping = w.checkpoint({ epoch: 4n });
    await w.m.fails('CHECKPOINT_EPOCH_AHEAD', await w.p.begin(w.m.payer, skipping.digest, skipping.bytes));
  });
});

test('a session begun before a rotation is of no use after it', async () => {
  const w = await open();
  const next = uniformSet('next', 4);
  await w.putSet(next);
  const late = w.checkpoint({ height: w.height + 10n });
  await w.begin(late);
  await w.signAll(late);
  await w.accept({ next: next.root }, next);
  await w.m.fails('CHECKPOINT_EPOCH_PAST', await w.p.finalize(late.digest, late.set));
});

test('a stale client', async (t) => {
  const w = await open();
  const set = uniformSet('recovered', 4);
  await w.putSet(set);
  await w.accept();
  const propose = () => w.p.proposeRecovery(w.recovery, 9n, set.root);
  await t.test('takes checkpoints to the end of its trust period', async () => {
    w.m.pass(TRUST_DAYS * DAY);
    await w.m.fails('CLIENT_FRESH', await propose());
    await w.accept();
  });
  const begun = w.checkpoint();
  await w.begin(begun);
  await w.signAll(begun);
  w.m.pass(TRUST_DAYS * DAY + 1n);
  await t.test('takes none after it', async () => {
    const c = w.checkpoint();
    await w.m.fails('CLIENT_STALE', await w.p.begin(w.m.payer, c.digest, c.bytes));
    await w.m.fails('CLIENT_STALE', await w.finalize(begun));
  });
  await t.test('is recovered by the recovery key only', async () => {
    await w.m.fails('WRONG_KEY', await w.p.proposeRecovery(w.guardian, 9n, set.root));
    await w.m.fails('RECOVERY_NONE', await w.p.executeRecovery(set.root));
    await w.m.fails('ARGUMENTS', await w.p.proposeRecovery(w.recovery, 0n, set.root)); // an epoch past
    await w.m.send(await propose());
  });
  await t.test('not before the delay', async () => {
    w.m.pass(7n * DAY - 1n);
    await w.m.fails('RECOVERY_EARLY', await w.p.executeRecovery(set.root));
  });
  await t.test('not if the guardian cancels', async () => {
    await w.m.fails('WRONG_KEY', await w.p.cancelRecovery(await w.m.wallet()));
    await w.m.send(await w.p.cancelRecovery(w.guardian));
    await w.m.fails('RECOVERY_NONE', await w.p.cancelRecovery(w.guardian));
    w.m.pass(1n);
    await w.m.fails('RECOVERY_NONE', await w.p.executeRecovery(set.root));
  });
  await t.test('to the proposed set, by anyone', async () => {
    await w.m.send(await propose());
    w.m.pass(7n * DAY);
    await w.m.fails('SET_OTHER', await w.p.executeRecovery(w.set.root));
    await w.m.send(await w.p.executeRecovery(set.root));
    assert.equal(w.client().epoch, 9n);
    assert.deepEqual(w.client().set, set.root);
    Object.assign(w, { epoch: 9n, set });
    await w.accept();
  });
});

test('a checkpoint of a future time does not keep the client fresh for longer', async () => {
  const w = await open();
  const c = await w.accept({ time: w.m.now + 100n * DAY * 1000n });
  w.m.pass(TRUST_DAYS * DAY + 1n);
  const next = w.checkpoint({ time: c.time });
  await w.m.fails('CLIENT_STALE', await w.p.begin(w.m.payer, next.digest, next.bytes));
});

test('a checkpoint of a time before genesis does not make the client stale', async () => {
  const w = await open();
  const c = await w.accept({ time: 1n });
  await w.accept({ time: c.time });
});

test('sessions close when they are over, and their rent returns', async () => {
  const w = await open();
  const relayer = await w.m.wallet();
  const [c, later] = [w.checkpoint(), w.checkpoint({ height: w.height + 2n })];
  const before = w.m.svm.getBalance(relayer.address);
  await w.m.send(await w.p.begin(relayer, c.digest, c.bytes));
  await w.m.send(await w.p.begin(relayer, later.digest, later.bytes));
  await w.signAll(c);
  const close = async (x, to = relayer.address) => w.p.close(await w.p.address('session', x.digest), to, w.m.payer);
  await w.m.fails('SESSION_OPEN', await close(c));
  await w.m.send(await w.finalize(c));
  await w.m.fails('WRONG_KEY', await close(c, w.guardian.address));
  await w.m.send(await close(c));
  assert.equal(w.m.data(await w.p.address('session', c.digest)), null);
  await w.m.fails('SESSION_OPEN', await close(later));
  w.height = c.height;
  await w.accept({ height: later.height });
  await w.m.send(await close(later));
  assert.equal(w.m.svm.getBalance(relayer.address), before);
});

test('sets close for who put them, but the client\'s never', async () => {
  const w = await open();
  const next = uniformSet('next', 4);
  await w.putSet(next);
  const close = async (set, by = w.m.payer) => w.p.close(await w.p.address('set', set.root), w.m.payer.address, by);
  await w.m.fails('SET_IN_USE', await close(w.set));
  await w.m.fails('WRONG_KEY', await close(next, w.guardian));
  const old = w.set;
  await w.accept({ next: next.root }, next);
  await w.m.fails('SET_IN_USE', await close(next));
  await w.m.send(await close(old));
  assert.equal(w.m.data(await w.p.address('set', old.root)), null);
});

test('buffers', async (t) => {
  const w = await open();
  const { payer } = w.m;
  const write = (size, offset, bytes, id = 77n) => w.p.writeBuffer(payer, id, size, offset, Buffer.from(bytes));
  await t.test('of more than 8192 bytes', async () => w.m.fails('BUFFER_RANGE', await write(8193, 0, [1])));
  await t.test('written past their end', async () => w.m.fails('BUFFER_RANGE', await write(10, 9, [1, 2])));
  await t.test('written again with another size', async () => {
    await w.m.send(await write(10, 8, [1, 2]));
    await w.m.fails('BUFFER_RANGE', await write(12, 8, [1, 2]));
  });
  await t.test('of somebody else', async () => {
    const other = await w.m.wallet();
    const i = await write(10, 0, [1]);
    i.accounts[0] = { address: other.address, role: 3, signer: other };
    await w.m.fails('WRONG_KEY', i);
    await w.m.fails('WRONG_KEY', await w.p.close(i.accounts[1].address, payer.address, other));
  });
  await t.test('with arguments in the instruction as well', async () => {
    const i = await w.p.buffered(await w.p.begin(payer, ZERO, Buffer.alloc(226)), payer.address, 77n);
    await w.m.fails('ARGUMENTS', { ...i, data: Buffer.concat([i.data, Buffer.from([1])]) });
  });
  await t.test('close for their writer', async () => {
    const address = await w.p.address('buffer', bytesOf(payer.address), u64(77n));
    await w.m.send(await w.p.close(address, payer.address, payer));
    assert.equal(w.m.data(address), null);
  });
});

test('instructions that do not exist', async () => {
  const w = await open();
  const send = (...data) => ({ programAddress: w.m.program.address, accounts: [], data: Buffer.from(data) });
  await w.m.fails('UNKNOWN_INSTRUCTION', send());
  await w.m.fails('UNKNOWN_INSTRUCTION', send(16));
  await w.m.fails('UNKNOWN_INSTRUCTION', send(127));
  await w.m.fails('ACCOUNTS_MISSING', send(255));
});

test('more accounts than the program reads', async () => {
  const w = await open();
  const accounts = await Promise.all(Array.from({ length: 25 }, async () => ({ address: (await w.m.key()).address, role: 0 })));
  await w.m.fails('ACCOUNTS_MANY', { programAddress: w.m.program.address, accounts, data: Buffer.from([12]) });
});

test('rent by the year, by the byte, and otherwise', async () => {
  for (const [threshold, good] of [[2.0, true], [1.0, true], [1.5, false]]) {
    const w = await open();
    w.m.svm.setRent(new Rent(3480n, threshold, 50));
    const c = w.checkpoint();
    const begin = await w.p.begin(w.m.payer, c.digest, c.bytes);
    if (good) {
      await w.m.send(begin);
      const { lamports } = w.m.svm.getAccount(await w.p.address('session', c.digest));
      assert.equal(lamports, BigInt((128 + 332) * 3480 * threshold));
    } else await w.m.fails('RENT', begin);
  }
});
