// The Go client (bridge/chain/solana/program) and the tests' own build the same instructions from the same arguments, and Go reads the
// accounts that the program makes. IPDM_UPDATE=1 writes the accounts anew.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import * as kit from '@solana/kit';
import { addressOf, bytesOf, R } from './lib/machine.mjs';
import { holding, Program } from './lib/program.mjs';
import { World } from './lib/world.mjs';
import { entriesOf, trie } from './lib/trie.mjs';
import { assetId, control, encodeCheckpoint, encodeMessage, H, signerSet, transfer, u64, uniformSet, word, ZERO } from './lib/wire.mjs';

const data = (name) => new URL(`../../../chain/solana/program/testdata/${name}`, import.meta.url);

// Arguments that instruction_test.go makes in the same way.
const key = (name) => addressOf(H(name));
const by = (name) => kit.createNoopSigner(key(name));
const hashes = (...names) => names.map((n) => H(n));

async function instructions() {
  const p = new Program(key('program'));
  const set = signerSet([{ address: H('a').subarray(12), power: 3n }, { address: H('b').subarray(12), power: 2n }]);
  const fields = { chain: H('chain'), epoch: 5n, height: 77n, time: 1_800_000_000_123n, anchors: H('anchors'), outbox: H('outbox'), set: set.root, next: set.root, previous: H('previous') };
  const bytes = encodeCheckpoint(fields), digest = H(bytes);
  const last = encodeCheckpoint({ ...fields, next: H('next') });
  const asset = H('asset'), mint = await p.address('mint', asset), token = key('token');
  const message = (kind, nonce, payload, sender = H('sender')) => encodeMessage({
    kind, domain: 2, application: H('program'), nonce, sender, recipient: H('user'), timeout: 1_900_000_000_000n, payload,
  });
  const path = Buffer.concat([u64(3), ...hashes('left', 'right')]);
  const id = 0x4142434445464748n;
  const deliver = (kind, nonce, payload, accounts, sender) => p.deliver(by('payer'), 77n, message(kind, nonce, payload, sender), payload, path, accounts);
  const w = (address) => ({ address, role: R.WRITABLE });
  const r = (address) => ({ address, role: R.READONLY });
  const tokens = r('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
  const state = w(await p.address('asset', asset));
  return {
    'initialize': await p.initialize(by('payer'), by('program'), {
      chain: H('chain'), domain: Buffer.from([0, 0, 0, 2]), epoch: 5n, set: set.root, trust: 1000n, guardian: H('guardian'), recovery: H('recovery'),
      recoveryDelay: 2000n, pause: 3000n, cooldown: 4000n, retention: 5000n,
    }),
    'write buffer': await p.writeBuffer(by('payer'), 9n, 600, 500, Buffer.from('chunk')),
    'put set': await p.putSet(by('payer'), set.root, set.bytes),
    'put set from a buffer': await p.buffered(await p.putSet(by('payer'), set.root, set.bytes), key('payer'), 9n),
    'begin': await p.begin(by('payer'), digest, bytes),
    'add signatures': await p.addSignatures(digest, set.root, [Buffer.concat([Buffer.from([0]), ...hashes('r', 's'), Buffer.from([1])]), Buffer.concat([Buffer.from([1]), ...hashes('r2', 's2'), Buffer.from([0])])]),
    'finalize': await p.finalize(digest, set.root),
    'finalize the last of an epoch': await p.finalize(H(last), set.root, H('next')),
    'close': await p.close(await p.address('session', digest), key('payer'), by('user')),
    'close event': await p.closeEvent(await p.sentEvent(key('user'), id), key('payer'), by('user')),
    'prove anchor': await p.proveAnchor(77n, H('key'), [Buffer.from('node one'), Buffer.from('node two')]),
    'store anchor': await p.proveAnchor(77n, H('key'), [Buffer.from('node one'), Buffer.from('node two')], by('payer')),
    'deliver minted transfer': await deliver(1, 8200n, transfer(asset, 12345n), await p.transferAccounts(asset, 'minted', mint, key('user'), 8200n)),
    'deliver locked transfer': await deliver(1, 1n, transfer(asset, 12345n), await p.transferAccounts(asset, 'locked', token, key('user'), 1n)),
    'deliver call': await deliver(2, 2n, Buffer.from('hello'), [w(await p.address('mail', u64(2)))]),
    'deliver register minted': await deliver(3, 3n, control.registerMinted(asset, 18, 'wIPDM'), [state, w(mint), tokens], ZERO),
    'deliver register locked': await deliver(3, 4n, control.registerLocked(asset, H('token')), [state, w(await p.address('vault', asset)), r(token), tokens], ZERO),
    'deliver limit': await deliver(3, 5n, control.limit(asset, 1000n, 60), [state], ZERO),
    'deliver guardian': await deliver(3, 6n, control.guardian(H('guardian')), [], ZERO),
    'deliver unpause': await deliver(3, 7n, control.unpause(), [], ZERO),
    'claim': await p.claim(8200n, asset, 'minted', mint, key('user'), key('payer')),
    'send minted': await p.send(by('payer'), by('user'), asset, 'minted', mint, H('to'), 55n, id),
    'send locked': await p.send(by('payer'), by('user'), asset, 'locked', token, H('to'), 55n, id),
    'send call': await p.sendCall(by('payer'), by('user'), H('to'), Buffer.from('hello'), id),
    'pause': await p.pause(by('guardian')),
    'propose recovery': await p.proposeRecovery(by('recovery'), 6n, H('next')),
    'cancel recovery': await p.cancelRecovery(by('guardian')),
    'execute recovery': await p.executeRecovery(H('next')),
  };
}

test('instructions', async (t) => {
  const golden = JSON.parse(readFileSync(data('instructions.json')));
  const own = await instructions();
  assert.deepEqual(golden.map((g) => g.name).sort(), Object.keys(own).sort());
  for (const g of golden) {
    await t.test(g.name, () => {
      const i = own[g.name];
      assert.equal(g.program, i.programAddress);
      assert.equal(g.data, i.data.toString('hex'));
      const accounts = i.accounts.map((a) => ({ address: a.address, signer: (a.role & 2) !== 0, writable: (a.role & 1) !== 0 }));
      assert.deepEqual(g.accounts, accounts);
    });
  }
});

test('accounts', async () => {
  const w = await (await World.open()).load();
  const user = await w.m.wallet(), { payer } = w.m;
  for (let n = 0; n < 70; n++) await w.m.send(await w.p.sendCall(payer, user, word('to'), Buffer.alloc(0), w.nextID()));
  const asset = assetId(0, word('aipdm'));
  const mint = await w.registerMinted(asset);
  await w.limit(asset, 40n * 10n ** 9n, 3600);
  await w.holdingOf(user.address, mint);
  const m = w.message({ recipient: bytesOf(user.address), payload: transfer(asset, 100n * 10n ** 9n) });
  const call = w.message({ kind: 2, recipient: bytesOf(user.address), payload: Buffer.from('hello') });
  const entries = entriesOf(5), { root, proof } = trie(entries, entries[0][0]);
  w.anchors = root;
  const head = await w.accept();
  const event = w.nextEvent, delivered = w.m.now;
  await w.m.send(await w.delivery(m, await w.p.transferAccounts(asset, 'minted', mint, user.address)));
  await w.m.send(await w.delivery(call, [{ address: await w.p.address('mail', u64(call.nonce)), role: R.WRITABLE }]));
  await w.m.send(await w.p.proveAnchor(w.height, entries[0][0], proof, payer));
  await w.m.send(await w.p.pause(w.guardian));
  const open = w.checkpoint();
  await w.begin(open);
  await w.signAll(open, 1, 3);
  const hex = (b) => Buffer.from(b).toString('hex');
  const at = async (...seeds) => hex(w.m.data(await w.p.address(...seeds)));
  const made = {
    client: {
      data: await at('client'), epoch: '1', height: `${head.height}`, set: hex(w.set.root), digest: hex(head.digest), count: `${w.client().count}`,
      newest: hex(head.outbox), anchors: hex(root), staleAt: `${head.time + 14n * 86_400_000n}`,
    },
    gateway: { data: await at('gateway'), guardian: w.guardian.address, events: `${w.nextEvent}`, pausedUntil: `${w.m.now + 3n * 86_400_000n}`, pauseFrom: `${w.m.now + 10n * 86_400_000n}` },
    set: { data: await at('set', w.set.root), payer: payer.address, root: hex(w.set.root), total: '400', members: w.set.members.map((s) => hex(s.address)) },
    session: { data: await at('session', open.digest), payer: payer.address, digest: hex(open.digest), power: '200', signed: [1, 2] },
    record: { data: await at('record', entries[0][0]), key: hex(entries[0][0]), height: `${head.height}`, record: hex(entries[0][1]) },
    nonces: { data: await at('nonces', u64(0)), taken: [0, 1, 2, 3], free: [4, 8191, 8192] },
    asset: { data: await at('asset', asset), id: hex(asset), mint, symbol: 'wIPDM', limit: '40', window: '3600', now: `${w.m.now / 1000n}`, available: ['0', '0', '40'] },
    owed: { data: await at('owed', u64(m.nonce)), nonce: `${m.nonce}`, recipient: user.address, units: '60', payer: payer.address },
    mail: { data: await at('mail', u64(call.nonce)), time: `${delivered}`, message: hex(call.bytes), payload: hex(call.payload) },
    event: {
      data: await at('event', u64(m.nonce)), nonce: `${event}`, of: `${m.nonce}`, status: 1,
      before: addressOf(w.m.data(await w.p.address('event', u64(m.nonce))).subarray(34, 66)), newest: addressOf(w.gateway().recent(w.nextEvent - 1n)),
    },
  };
  assert.equal(await holding(user.address, mint), await w.holdingOf(user.address, mint));
  const text = JSON.stringify(made, null, 1) + '\n';
  if (process.env.IPDM_UPDATE) writeFileSync(data('accounts.json'), text);
  assert.equal(readFileSync(data('accounts.json'), 'utf8'), text, 'the program makes other accounts: run with IPDM_UPDATE=1, and the Go tests');
});
