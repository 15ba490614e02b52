import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as kit from '@solana/kit';
import * as token from '@solana-program/token';
import { addressOf, bytesOf } from './lib/machine.mjs';
import { read, write } from './lib/program.mjs';
import { World, DOMAIN, DAY } from './lib/world.mjs';
import { leafHash } from './lib/outbox.mjs';
import { assetId, control, encodeEvent, transfer, u64, word, ZERO } from './lib/wire.mjs';

const NATIVE = assetId(0, word('aipdm'));
const E9 = 10n ** 9n;
const KIND = { transfer: 1, call: 2, control: 3, delivery: 4 };
const STATUS = { done: 1, refused: 2 };

// minted opens a world with IPDM's own token registered and a wallet that can hold it.
async function minted(decimals = 18) {
  const w = await (await World.open()).load();
  const user = await w.m.wallet();
  const mint = await w.registerMinted(NATIVE, decimals);
  await w.limit(NATIVE);
  const holding = await w.holdingOf(user.address, mint);
  return { w, user, mint, holding, accounts: await w.p.transferAccounts(NATIVE, 'minted', mint, user.address) };
}

// pay makes a transfer to the user that IPDM sent.
async function pay(w, user, amount, fields = {}) {
  const m = w.message({ kind: KIND.transfer, recipient: bytesOf(user.address), payload: transfer(fields.asset ?? NATIVE, amount), ...fields });
  await w.accept();
  return m;
}

// accountOf is the account of one of the last 64 events, as the gateway names it.
const accountOf = (w, nonce) => addressOf(w.gateway().recent(nonce));

// eventAt reads the event of a nonce and checks all of it.
async function eventAt(w, nonce, expected) {
  const data = w.m.data(accountOf(w, nonce));
  const event = { domain: DOMAIN, application: bytesOf(w.m.program.address), nonce, time: w.m.now, ...expected };
  assert.deepEqual(data.subarray(66), Buffer.concat([encodeEvent(event), event.payload]));
}
const delivered = (m, status) => ({
  kind: KIND.delivery, sender: m.recipient, recipient: m.sender, payload: Buffer.concat([u64(m.nonce), Buffer.from([status])]),
});
// owed is what is left to claim of a transfer.
const owed = async (w, m) => w.m.data(await w.p.address('owed', u64(m.nonce)))?.readBigUInt64BE(106) ?? 0n;

test('a transfer of an asset of IPDM\'s', async (t) => {
  const { w, user, mint, holding, accounts } = await minted();
  await t.test('is minted, in units of nine decimals', async (s) => {
    const m = await pay(w, user, 5n * E9 * E9);
    const nonce = w.nextEvent;
    const taken = await w.m.send(await w.delivery(m, accounts));
    assert.equal(w.balance(holding), 5n * E9);
    await eventAt(w, nonce, delivered(m, STATUS.done));
    assert.equal(w.nextEvent, nonce + 1n);
    s.diagnostic(`deliver transfer: ${taken.units} CU, transaction of ${taken.size} bytes, proof among ${w.leaves.length}`);
    await w.m.fails('MESSAGE_TAKEN', await w.delivery(m, accounts));
    assert.equal(w.balance(holding), 5n * E9);
  });
  const refused = [
    ['that no unit can express', 1n],
    ['that is a unit and a half', E9 + E9 / 2n],
    ['of zero', 0n],
    ['of more than 2^64 units', (1n << 64n) * E9],
    ['of 2^256 - 1', (1n << 256n) - 1n],
  ];
  for (const [name, amount] of refused) {
    await t.test(`${name} is refused, so that IPDM gives it back`, async () => {
      const m = await pay(w, user, amount);
      const nonce = w.nextEvent;
      const taken = await w.m.send(await w.delivery(m, accounts));
      assert.ok(taken.logs.includes('Program log: amount is zero or does not fit'), taken.logs.join('\n'));
      await eventAt(w, nonce, delivered(m, STATUS.refused));
      assert.equal(w.supply(mint), 5n * E9);
      await w.m.fails('MESSAGE_TAKEN', await w.delivery(m, accounts));
    });
  }
  await t.test('of all of 2^64 - 1 units less what there is', async () => {
    const m = await pay(w, user, ((1n << 64n) - 1n - 5n * E9) * E9);
    await w.m.send(await w.delivery(m, accounts));
    assert.equal(w.balance(holding), (1n << 64n) - 1n);
  });
  await t.test('to a wallet with no account waits for it', async () => {
    const other = await w.m.wallet();
    const m = await pay(w, other, 0n, { payload: transfer(NATIVE, 0n) });
    const to = await w.p.transferAccounts(NATIVE, 'minted', mint, other.address);
    await w.m.fails('RECIPIENT_ACCOUNT', await w.delivery(m, to));
    await w.holdingOf(other.address, mint);
    await w.m.send(await w.delivery(m, to));
  });
  await t.test('into the account of somebody else', async () => {
    const m = await pay(w, await w.m.wallet(), E9);
    await w.m.fails('WRONG_ADDRESS', await w.delivery(m, accounts));
  });
  await t.test('of an asset that is not registered, or another than the accounts are of', async () => {
    const other = assetId(0, word('other'));
    const m = await pay(w, user, E9, { asset: other });
    await w.m.fails('ASSET_OTHER', await w.delivery(m, accounts));
    await w.m.fails('WRONG_OWNER', await w.delivery(m, await w.p.transferAccounts(other, 'minted', mint, user.address)));
  });
  await t.test('to an account that was given to somebody else is refused', async () => {
    const giver = await w.m.wallet();
    const account = await w.holdingOf(giver.address, mint);
    await w.m.send(token.getSetAuthorityInstruction({
      owned: account, owner: giver, authorityType: token.AuthorityType.AccountOwner, newAuthority: user.address,
    }));
    const m = await pay(w, giver, E9);
    const nonce = w.nextEvent;
    await w.m.send(await w.delivery(m, await w.p.transferAccounts(NATIVE, 'minted', mint, giver.address)));
    await eventAt(w, nonce, delivered(m, STATUS.refused));
    assert.equal(w.balance(account), 0n);
  });
});

test('decimals of minted assets', async (t) => {
  for (const [decimals, ofMint, amount, units] of [[0, 0, 7n, 7n], [6, 6, 7n, 7n], [9, 9, 7n, 7n], [10, 9, 70n, 7n], [18, 9, 7n * E9, 7n]]) {
    await t.test(`${decimals}`, async () => {
      const { w, user, mint, holding, accounts } = await minted(decimals);
      assert.equal(w.m.data(mint)[44], ofMint);
      await w.m.send(await w.delivery(await pay(w, user, amount), accounts));
      assert.equal(w.balance(holding), units);
      const nonce = w.nextEvent;
      await w.m.send(await w.p.send(w.m.payer, user, NATIVE, 'minted', mint, word('back'), units, w.nextID()));
      await eventAt(w, nonce, { kind: KIND.transfer, sender: bytesOf(user.address), recipient: word('back'), payload: transfer(NATIVE, amount) });
      assert.equal(w.supply(mint), 0n);
    });
  }
  await t.test('19 are not registered', async () => {
    const w = await (await World.open()).load();
    const m = w.message({ kind: KIND.control, sender: ZERO, payload: control.registerMinted(NATIVE, 19, 'X') });
    await w.accept();
    await w.m.fails('MESSAGE_CONTROL', await w.delivery(m, await w.mintedAccounts(NATIVE)));
  });
});

test('what a message must be', async (t) => {
  const { w, user, accounts } = await minted();
  const cases = [
    ['for another domain', 'MESSAGE_DOMAIN', { domain: DOMAIN + 1 }],
    ['for another application', 'MESSAGE_APPLICATION', { application: word('app') }],
    ['of no known kind', 'MESSAGE_FORMAT', { kind: 9 }],
    ['timed out', 'MESSAGE_TIMEOUT', { timeout: w.m.now }],
    ['timed out long ago', 'MESSAGE_TIMEOUT', { timeout: 1n }],
    ['a control message with a sender', 'MESSAGE_CONTROL', { kind: KIND.control, payload: control.unpause() }],
  ];
  for (const [name, error, fields] of cases) await t.test(name, async () => w.m.fails(error, await w.delivery(await pay(w, user, E9, fields), accounts)));
  await t.test('in time by a second', async () => {
    await w.m.send(await w.delivery(await pay(w, user, E9, { timeout: w.m.now + 1000n }), accounts));
  });

  const m = await pay(w, user, E9);
  const changed = (b, at) => { const c = Buffer.from(b); c[at] ^= 1; return c; };
  await t.test('unchanged in any byte', async () => {
    for (const at of [11, 48, 55, 56, 87, 88, 119, 120, 127]) {
      const name = await w.m.failure(await w.delivery(m, accounts, { message: changed(m.bytes, at) }));
      assert.ok(['MESSAGE_PROOF', 'MESSAGE_TIMEOUT'].includes(name), `byte ${at}: ${name}`);
    }
    await w.m.fails('MESSAGE_FORMAT', await w.delivery(m, accounts, { message: changed(m.bytes, 3) }));
    await w.m.fails('MESSAGE_PAYLOAD', await w.delivery(m, accounts, { message: changed(m.bytes, 130) }));
    await w.m.fails('MESSAGE_PAYLOAD', await w.delivery(m, accounts, { payload: changed(m.payload, 63) }));
  });
  await t.test('proved by every node of its path', async () => {
    const proof = w.proof(m);
    for (let at = 0; at < proof.length; at += 7) await w.m.fails('MESSAGE_PROOF', await w.delivery(m, accounts, { proof: changed(proof, at) }));
    await w.m.fails('MESSAGE_PROOF', await w.delivery(m, accounts, { proof: proof.subarray(0, -32) }));
    await w.m.fails('MESSAGE_PROOF', await w.delivery(m, accounts, { proof: Buffer.concat([proof, ZERO]) }));
    await w.m.fails('MESSAGE_PROOF', await w.delivery(m, accounts, { proof: proof.subarray(0, -1) }));
    await w.m.fails('MESSAGE_PROOF', await w.delivery(m, accounts, { proof: Buffer.alloc(0) }));
  });
  await t.test('in the outbox at that height', async () => {
    await w.m.fails('MESSAGE_PROOF', await w.delivery(m, accounts, { height: w.height - 1n }));
    await w.m.fails('ROOT_UNKNOWN', await w.delivery(m, accounts, { height: w.height + 1n }));
  });
  await t.test('proved by any later checkpoint', async () => {
    const before = w.proof(m);
    await pay(w, user, E9);
    await w.m.fails('MESSAGE_PROOF', await w.delivery(m, accounts, { proof: before }));
    await w.m.send(await w.delivery(m, accounts));
  });
});

test('messages of later pages, with longer proofs', async (t) => {
  const { w, user, holding, accounts } = await minted();
  const filler = leafHash(Buffer.alloc(160));
  for (const count of [1000, 8191, 8192, 8193]) {
    while (w.leaves.length < count) w.leaves.push(filler);
    await t.test(`nonce ${count}`, async (s) => {
      const m = await pay(w, user, E9);
      const before = w.balance(holding);
      const i = await w.delivery(m, accounts);
      const sent = i.data.length > 640 ? await w.large(i) : i; // with its accounts it would be longer than a transaction
      const taken = await w.m.send(sent);
      assert.equal(w.balance(holding), before + 1n);
      await w.m.fails('MESSAGE_TAKEN', sent);
      s.diagnostic(`deliver transfer among ${count + 1}: ${taken.units} CU, transaction of ${taken.size} bytes`);
    });
  }
});

test('a limit', async (t) => {
  const { w, user, mint, holding, accounts } = await minted();
  const set = (amount, seconds = 3600) => w.limit(NATIVE, amount, seconds);
  w.m.setTime((w.m.now / 1000n / 7200n + 1n) * 7200n); // a window begins
  await set(100n * E9 + 5n); // rounded down to 100 units
  const claim = (m) => w.p.claim(m.nonce, NATIVE, 'minted', mint, user.address, w.m.payer.address);
  const deliver = async (units) => {
    const m = await pay(w, user, units * E9);
    await w.m.send(await w.delivery(m, accounts));
    return m;
  };
  let first, second;
  await t.test('holds back the remainder, which is owed', async () => {
    await deliver(60n);
    const nonce = w.nextEvent;
    first = await deliver(70n);
    await eventAt(w, nonce, delivered(first, STATUS.done));
    assert.equal(w.balance(holding), 100n);
    assert.equal(await owed(w, first), 30n);
    second = await deliver(80n);
    assert.equal(w.balance(holding), 100n);
    assert.equal(await owed(w, second), 80n);
  });
  await t.test('counts two windows, so that none of its length sees more', async () => {
    await w.m.fails('LIMIT', await claim(first));
    w.m.pass(3600n);
    await w.m.fails('LIMIT', await claim(first));
    w.m.pass(3599n);
    await w.m.fails('LIMIT', await claim(first));
    w.m.pass(1n);
    await w.m.send(await claim(first));
    assert.equal(w.balance(holding), 130n);
    assert.equal(w.m.data(await w.p.address('owed', u64(first.nonce))), null);
    await w.m.fails('WRONG_OWNER', await claim(first));
  });
  await t.test('is claimed piece by piece, by anyone', async () => {
    await w.m.send(await claim(second));
    assert.equal(w.balance(holding), 200n);
    assert.equal(await owed(w, second), 10n);
    await w.m.fails('LIMIT', await claim(second));
    w.m.pass(7200n);
    const i = await claim(second);
    i.accounts[6] = write(user.address);
    await w.m.fails('WRONG_KEY', i); // the rent is the relayer's
    await w.m.send(await claim(second));
    assert.equal(w.balance(holding), 210n);
  });
  await t.test('of less than what was released allows nothing', async () => {
    await set(9n * E9);
    const m = await deliver(1n);
    assert.equal(await owed(w, m), 1n);
    await set(11n * E9);
    await w.m.send(await claim(m));
    assert.equal(w.balance(holding), 211n);
  });
  await t.test('of zero holds back everything', async () => {
    await set(0n);
    const m = await deliver(1n);
    assert.equal(w.balance(holding), 211n);
    await set(1000n * E9);
    await w.m.send(await claim(m));
  });
  await t.test('of more than 2^64 units is that', async () => {
    await set((1n << 256n) - 1n);
    await deliver(1n << 40n);
    assert.equal(w.balance(holding), 212n + (1n << 40n));
  });
  await t.test('with no window is malformed', async () => {
    const m = w.message({ kind: KIND.control, sender: ZERO, payload: control.limit(NATIVE, 1n, 0) });
    await w.accept();
    await w.m.fails('MESSAGE_CONTROL', await w.delivery(m, [write(await w.p.address('asset', NATIVE))]));
  });
  await t.test('that a later message set before is refused', async () => {
    const earlier = w.message({ kind: KIND.control, sender: ZERO, payload: control.limit(NATIVE, 0n, 60) });
    await set((1n << 256n) - 1n);
    const nonce = w.nextEvent;
    const taken = await w.m.send(await w.delivery(earlier, [write(await w.p.address('asset', NATIVE))]));
    assert.ok(taken.logs.includes('Program log: a later message decided it'));
    await eventAt(w, nonce, delivered({ ...earlier }, STATUS.refused));
    const before = w.balance(holding);
    await deliver(5n);
    assert.equal(w.balance(holding), before + 5n);
  });
});

test('without a limit nothing is released', async () => {
  const w = await (await World.open()).load();
  const user = await w.m.wallet();
  const mint = await w.registerMinted(NATIVE);
  const holding = await w.holdingOf(user.address, mint);
  const m = await pay(w, user, 3n * E9);
  await w.m.send(await w.delivery(m, await w.p.transferAccounts(NATIVE, 'minted', mint, user.address)));
  assert.equal(await owed(w, m), 3n);
  const claim = await w.p.claim(m.nonce, NATIVE, 'minted', mint, user.address, w.m.payer.address);
  await w.m.fails('LIMIT', claim);
  await w.limit(NATIVE);
  await w.m.send(claim);
  assert.equal(w.balance(holding), 3n);
});

test('a pause', async (t) => {
  const { w, user, mint, holding, accounts } = await minted();
  const { guardian } = w;
  const m = await pay(w, user, E9);
  const claim = (of) => w.p.claim(of.nonce, NATIVE, 'minted', mint, user.address, w.m.payer.address);
  await t.test('is the guardian\'s to make', async () => {
    await w.m.fails('WRONG_KEY', await w.p.pause(w.recovery));
    await w.m.send(await w.p.pause(guardian));
    await w.m.fails('PAUSE_COOLDOWN', await w.p.pause(guardian));
  });
  await t.test('holds back value, which is owed', async () => {
    const nonce = w.nextEvent;
    await w.m.send(await w.delivery(m, accounts));
    await eventAt(w, nonce, delivered(m, STATUS.done));
    assert.equal(await owed(w, m), 1n);
    await w.m.fails('PAUSED', await claim(m));
    w.m.pass(3n * DAY - 1n);
    await w.m.fails('PAUSED', await claim(m));
  });
  await t.test('and nothing else: calls and checkpoints go on, and what goes to IPDM', async () => {
    const call = await pay(w, user, 0n, { kind: KIND.call, payload: Buffer.from('hello') });
    await w.m.send(await w.delivery(call, [write(await w.p.address('mail', u64(call.nonce)))]));
    await w.m.send(await w.p.sendCall(w.m.payer, user, word('to'), Buffer.from('x'), w.nextID()));
  });
  await t.test('ends by itself', async () => {
    w.m.pass(1n);
    await w.m.send(await claim(m));
    assert.equal(w.balance(holding), 1n);
    await w.m.fails('PAUSE_COOLDOWN', await w.p.pause(guardian));
  });
  await t.test('may be made again after the cool-down', async () => {
    w.m.pass(7n * DAY - 1n);
    await w.m.fails('PAUSE_COOLDOWN', await w.p.pause(guardian));
    w.m.pass(1n);
    await w.accept();
    await w.m.send(await w.p.pause(guardian));
  });
  await t.test('does not hold back what is burned on its way to IPDM', async () => {
    await w.m.send(await w.p.send(w.m.payer, user, NATIVE, 'minted', mint, word('back'), 1n, w.nextID()));
    assert.equal(w.balance(holding), 0n);
  });
  await t.test('is ended by governance', async () => {
    await w.govern(control.unpause(), []);
    await w.m.send(await w.delivery(await pay(w, user, E9), accounts));
    assert.equal(w.balance(holding), 1n);
  });
  await t.test('is another\'s when governance names one; an earlier naming comes too late', async () => {
    const [next, stale] = [await w.m.wallet(), await w.m.wallet()];
    const earlier = w.message({ kind: KIND.control, sender: ZERO, payload: control.guardian(bytesOf(stale.address)) });
    await w.govern(control.guardian(bytesOf(next.address)), []);
    const nonce = w.nextEvent;
    await w.m.send(await w.delivery(earlier, []));
    await eventAt(w, nonce, delivered(earlier, STATUS.refused));
    w.m.pass(10n * DAY);
    await w.m.fails('WRONG_KEY', await w.p.pause(guardian));
    await w.m.fails('WRONG_KEY', await w.p.pause(stale));
    await w.m.send(await w.p.pause(next));
  });
});

test('a token of this chain\'s', async (t) => {
  const w = await (await World.open()).load();
  const user = await w.m.wallet();
  const foreign = await w.foreignMint(user.address, 1000n);
  const asset = assetId(DOMAIN, bytesOf(foreign.mint));
  const vault = await w.p.address('vault', asset);
  const accounts = await w.p.transferAccounts(asset, 'locked', foreign.mint, user.address);
  const send = async (units, from = user) => w.p.send(w.m.payer, from, asset, 'locked', foreign.mint, word('to'), units, w.nextID());
  await t.test('is registered under its own name only', async () => {
    const wrong = w.message({ kind: KIND.control, sender: ZERO, payload: control.registerLocked(NATIVE, bytesOf(foreign.mint)) });
    await w.accept();
    await w.m.fails('ASSET_ID', await w.delivery(wrong, await w.lockedAccounts(NATIVE, foreign.mint)));
  });
  await t.test('is a mint of the token program', async () => {
    const fake = await w.m.wallet();
    const id = assetId(DOMAIN, bytesOf(fake.address));
    const m = w.message({ kind: KIND.control, sender: ZERO, payload: control.registerLocked(id, bytesOf(fake.address)) });
    await w.accept();
    await w.m.fails('TOKEN_MINT', await w.delivery(m, await w.lockedAccounts(id, fake.address)));
    await w.m.fails('WRONG_ADDRESS', await w.delivery(m, await w.lockedAccounts(id, foreign.mint)));
  });
  await t.test('is registered', async () => {
    await w.govern(control.registerLocked(asset, bytesOf(foreign.mint)), await w.lockedAccounts(asset, foreign.mint));
    assert.equal(w.balance(vault), 0n);
    await w.limit(asset);
  });
  await t.test('is locked', async (s) => {
    const nonce = w.nextEvent;
    const taken = await w.m.send(await send(400n));
    assert.equal(w.balance(foreign.holding), 600n);
    assert.equal(w.balance(vault), 400n);
    await eventAt(w, nonce, { kind: KIND.transfer, sender: bytesOf(user.address), recipient: word('to'), payload: transfer(asset, 400n) });
    s.diagnostic(`send: ${taken.units} CU, transaction of ${taken.size} bytes`);
  });
  await t.test('is not locked by who has too little, nothing, or no signature', async () => {
    await w.m.aborts(/insufficient funds/, await send(601n));
    await w.m.fails('AMOUNT', await send(0n));
    const i = await send(1n);
    i.accounts[1] = read(user.address);
    await w.m.fails('NOT_SIGNER', i);
    const stolen = await send(1n, w.guardian);
    stolen.accounts[5] = write(foreign.holding);
    await w.m.aborts(/owner does not match/, stolen);
    const own = await send(1n);
    own.accounts[5] = write(vault);
    await w.m.fails('ARGUMENTS', own);
  });
  await t.test('is unlocked', async () => {
    const m = await pay(w, user, 150n, { asset });
    await w.m.send(await w.delivery(m, accounts));
    assert.equal(w.balance(foreign.holding), 750n);
    assert.equal(w.balance(vault), 250n);
  });
  await t.test('is not released beyond what is locked', async () => {
    await w.m.fails('NOT_LOCKED', await w.delivery(await pay(w, user, 251n, { asset }), accounts));
    await w.m.send(token.getTransferInstruction({ source: foreign.holding, destination: vault, authority: user, amount: 50n }));
    await w.m.fails('NOT_LOCKED', await w.delivery(await pay(w, user, 251n, { asset }), accounts)); // a gift is not locked
    assert.equal(w.balance(vault), 300n);
  });
  await t.test('is owed while the recipient\'s account is frozen', async () => {
    await w.m.send(token.getFreezeAccountInstruction({ account: foreign.holding, mint: foreign.mint, owner: foreign.authority }));
    const m = await pay(w, user, 250n, { asset });
    await w.m.send(await w.delivery(m, accounts));
    assert.equal(await owed(w, m), 250n);
    const claim = await w.p.claim(m.nonce, asset, 'locked', foreign.mint, user.address, w.m.payer.address);
    await w.m.fails('RECIPIENT_ACCOUNT', claim);
    await w.m.fails('NOT_LOCKED', await w.delivery(await pay(w, user, 1n, { asset }), accounts)); // what is owed is not there twice
    await w.m.send(token.getThawAccountInstruction({ account: foreign.holding, mint: foreign.mint, owner: foreign.authority }));
    await w.m.send(claim);
    assert.equal(w.balance(foreign.holding), 950n);
    assert.equal(w.balance(vault), 50n);
  });
});

test('calls from IPDM', async (t) => {
  const w = await (await World.open()).load();
  const user = await w.m.wallet();
  const call = async (payload, fields = {}) => pay(w, user, 0n, { kind: KIND.call, payload: Buffer.from(payload), ...fields });
  const box = (m) => w.p.address('mail', u64(m.nonce));
  const deliver = async (m) => w.m.send(await w.delivery(m, [write(await box(m))]));
  for (const size of [0, 5, 256]) {
    await t.test(`of ${size} bytes wait in a mailbox`, async (s) => {
      const m = await call(Buffer.alloc(size, 7));
      const nonce = w.nextEvent;
      const taken = await deliver(m);
      assert.deepEqual(w.m.data(await box(m)).subarray(34), Buffer.concat([u64(w.m.now), m.bytes, m.payload]));
      await eventAt(w, nonce, delivered(m, STATUS.done));
      s.diagnostic(`deliver call of ${size} bytes: ${taken.units} CU`);
    });
  }
  await t.test('of 257 bytes are refused', async () => {
    const m = await call(Buffer.alloc(257));
    const nonce = w.nextEvent;
    await w.m.send(await w.large(await w.delivery(m, [write(await box(m))])));
    await eventAt(w, nonce, delivered(m, STATUS.refused));
    assert.equal(w.m.data(await box(m)), null);
  });
  await t.test('are closed by their recipient, and the rent returns to the relayer', async () => {
    const m = await call('hello');
    await deliver(m);
    await w.m.fails('WRONG_KEY', await w.p.close(await box(m), w.m.payer.address, w.guardian));
    await w.m.fails('WRONG_KEY', await w.p.close(await box(m), user.address, user));
    await w.m.send(await w.p.close(await box(m), w.m.payer.address, user));
    assert.equal(w.m.data(await box(m)), null);
    await w.m.fails('MESSAGE_TAKEN', await w.delivery(m, [write(await box(m))]));
  });
  await t.test('to a program are closed by its address only', async () => {
    const m = await call('hello', { recipient: bytesOf(w.m.program.address) });
    await deliver(m);
    const [address, bump] = await kit.getProgramDerivedAddress({ programAddress: w.m.program.address, seeds: [Buffer.from('ipdm-mail')] });
    const by = kit.createNoopSigner(address);
    await w.m.fails('WRONG_KEY', await w.p.close(await box(m), w.m.payer.address, user, bump));
    w.m.svm.withSigverify(false); // only the program itself could sign for its address
    await w.m.fails('WRONG_KEY', await w.p.close(await box(m), w.m.payer.address, by), { unsigned: true });
    await w.m.fails('WRONG_KEY', await w.p.close(await box(m), w.m.payer.address, by, bump ^ 1), { unsigned: true });
    await w.m.send(await w.p.close(await box(m), w.m.payer.address, by, bump), { unsigned: true });
    w.m.svm.withSigverify(true);
    assert.equal(w.m.data(await box(m)), null);
  });
  await t.test('to an account of another nonce', async () => {
    const m = await call('hello');
    await w.m.fails('WRONG_ADDRESS', await w.delivery(m, [write(await w.p.address('mail', u64(m.nonce + 1n)))]));
  });
  await t.test('that nobody reads are closed by the relayer after thirty days', async () => {
    const m = await call('hello');
    await deliver(m);
    const close = async (by = w.m.payer) => w.p.close(await box(m), w.m.payer.address, by);
    await w.m.fails('MAIL_KEPT', await close());
    w.m.pass(30n * DAY - 1n);
    await w.m.fails('MAIL_KEPT', await close());
    w.m.pass(1n);
    await w.m.fails('WRONG_KEY', await close(w.guardian));
    await w.m.send(await close());
    assert.equal(w.m.data(await box(m)), null);
  });
});

test('calls to IPDM', async (t) => {
  const w = await (await World.open()).load();
  const user = await w.m.wallet();
  const call = async (payload) => w.p.sendCall(w.m.payer, user, word('to'), payload, w.nextID());
  for (const size of [0, 9, 700]) {
    await t.test(`of ${size} bytes`, async () => {
      const nonce = w.nextEvent;
      await w.m.send(await call(Buffer.alloc(size, 3)));
      await eventAt(w, nonce, { kind: KIND.call, sender: bytesOf(user.address), recipient: word('to'), payload: Buffer.alloc(size, 3) });
    });
  }
  await t.test('of 1024 bytes, through a buffer', async () => {
    await w.m.send(await w.large(await call(Buffer.alloc(1024, 3))));
    await w.m.fails('ARGUMENTS', await w.large(await call(Buffer.alloc(1025, 3))));
  });
  await t.test('to nobody', async () =>
    w.m.fails('NO_RECIPIENT', await w.p.sendCall(w.m.payer, user, ZERO, Buffer.alloc(1), w.nextID())));
  await t.test('without the sender\'s signature', async () => {
    const i = await call(Buffer.alloc(1));
    i.accounts[1] = read(user.address);
    await w.m.fails('NOT_SIGNER', i);
  });
});

test('events', async (t) => {
  const w = await (await World.open()).load();
  const [user, other] = [await w.m.wallet(), await w.m.wallet()];
  const call = async (id, sender = user) => w.p.sendCall(w.m.payer, sender, word('to'), Buffer.from('x'), id);
  const close = (event, by = user) => w.p.closeEvent(event, w.m.payer.address, by);
  const nonceAt = (address) => w.m.data(address).readBigUInt64BE(66 + 47);
  await t.test('are at an address of their sender\'s, whatever others send before', async () => {
    const i = await call(1007n);
    for (let n = 0; n < 5; n++) await w.m.send(await call(w.nextID(), other));
    await w.m.send(await call(1007n, other));
    await w.m.send(i);
    assert.equal(accountOf(w, 6n), await w.p.sentEvent(user.address, 1007n));
    assert.equal(nonceAt(accountOf(w, 6n)), 6n);
  });
  await t.test('are there once for an id', async () => {
    await w.m.fails('EXISTS', await call(1007n));
    const i = await call(1008n);
    i.accounts[4] = write(await w.p.sentEvent(other.address, 1008n));
    await w.m.fails('WRONG_ADDRESS', i);
    await w.m.fails('ACCOUNTS_MISSING', { ...i, accounts: i.accounts.slice(0, 4) });
  });
  await t.test('of a delivery are at the nonce of its message', async () => {
    const m = await pay(w, user, 0n, { kind: KIND.call });
    const i = await w.delivery(m, [write(await w.p.address('mail', u64(m.nonce)))]);
    for (let n = 0; n < 3; n++) await w.m.send(await call(w.nextID(), other));
    const nonce = w.nextEvent;
    await w.m.send(i);
    assert.equal(accountOf(w, nonce), await w.p.address('event', u64(m.nonce)));
    await eventAt(w, nonce, delivered(m, STATUS.done));
  });
  await t.test('name the one that is 64 before them', async () => {
    const made = Array.from({ length: Number(w.nextEvent) }, (_, nonce) => accountOf(w, nonce));
    for (let nonce = w.nextEvent; nonce < 150n; nonce++) {
      await w.m.send(await call(100n + nonce));
      made.push(await w.p.sentEvent(user.address, 100n + nonce));
    }
    for (const [nonce, address] of made.entries()) {
      assert.equal(nonceAt(address), BigInt(nonce));
      assert.deepEqual(w.m.data(address).subarray(34, 66), nonce < 64 ? ZERO : bytesOf(made[nonce - 64]));
      if (nonce >= 150 - 64) assert.equal(accountOf(w, nonce), address);
    }
  });
  await t.test('are kept until IPDM\'s clock is fourteen days past them', async () => {
    const event = await w.p.sentEvent(user.address, 1007n);
    await w.m.fails('EVENT_KEPT', await close(event));
    w.m.pass(14n * DAY - 1n);
    await w.accept();
    await w.m.fails('EVENT_KEPT', await close(event));
    w.m.pass(30n); // this chain's clock alone does not count
    await w.m.fails('EVENT_KEPT', await close(event));
    await w.accept();
    await w.m.send(await close(event, other));
    assert.equal(w.m.data(event), null);
  });
  await t.test('that were closed leave their address to the next of the same id', async () => {
    const nonce = w.nextEvent;
    await w.m.send(await call(1007n));
    const event = await w.p.sentEvent(user.address, 1007n);
    assert.equal(nonceAt(event), nonce);
    await w.m.fails('EVENT_KEPT', await close(event));
  });
});

test('control messages that are malformed', async (t) => {
  const { w } = await minted();
  const asset = [write(await w.p.address('asset', NATIVE))];
  const other = assetId(0, word('other'));
  const cases = [
    ['nothing', Buffer.alloc(0), []],
    ['an unknown operation', Buffer.from([6]), []],
    ['a symbol of no bytes', control.registerMinted(other, 9, ''), await w.mintedAccounts(other)],
    ['a symbol of 17 bytes', control.registerMinted(other, 9, 'S'.repeat(17)), await w.mintedAccounts(other)],
    ['a symbol cut short', control.registerMinted(other, 9, 'ABC').subarray(0, -1), await w.mintedAccounts(other)],
    ['a limit cut short', control.limit(NATIVE, 1n, 1).subarray(0, -1), asset],
    ['a guardian cut short', control.guardian(word('g')).subarray(0, -1), []],
    ['an end of a pause with more behind it', Buffer.concat([control.unpause(), Buffer.alloc(1)]), []],
  ];
  for (const [name, payload, accounts] of cases) {
    await t.test(name, async () => {
      const m = w.message({ kind: KIND.control, sender: ZERO, payload });
      await w.accept();
      await w.m.fails('MESSAGE_CONTROL', await w.delivery(m, accounts));
    });
  }
  await t.test('an asset that is registered already is refused', async () => {
    const m = w.message({ kind: KIND.control, sender: ZERO, payload: control.registerMinted(NATIVE, 18, 'wIPDM') });
    await w.accept();
    const nonce = w.nextEvent;
    await w.m.send(await w.delivery(m, await w.mintedAccounts(NATIVE)));
    await eventAt(w, nonce, delivered(m, STATUS.refused));
  });
  await t.test('a limit for another asset than the account', async () => {
    const m = w.message({ kind: KIND.control, sender: ZERO, payload: control.limit(other, 1n, 1) });
    await w.accept();
    await w.m.fails('ASSET_OTHER', await w.delivery(m, asset));
  });
});
