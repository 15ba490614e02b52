// The golden vectors that Go, Solidity and this program share: the program takes the checkpoints of all four sets, one epoch after the
// other, and the tests' own encoders give the same bytes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { World } from './lib/world.mjs';
import { leafHash, outboxProof, outboxRoot } from './lib/outbox.mjs';
import { assetId, H, hex, setRoot } from './lib/wire.mjs';

const vectors = JSON.parse(readFileSync(new URL('../../../../x/bridge/wire/testdata/vectors.json', import.meta.url)));
const sets = vectors.sets.map((s) => ({ bytes: hex(s.bytes), root: hex(s.root), count: s.count }));

// split reads the fields of a checkpoint that instructions need.
const split = (bytes) => ({ bytes, digest: H(bytes), set: bytes.subarray(130, 162), next: bytes.subarray(162, 194), height: bytes.readBigUInt64BE(50) });

test('checkpoints', async (t) => {
  const w = await (await World.open({ initialize: false })).load();
  for (const set of sets) {
    assert.deepEqual(setRoot(set.bytes), set.root);
    await w.putSet(set);
  }
  const time = split(hex(vectors.checkpoints[0].bytes)).bytes.readBigUInt64BE(58);
  w.m.setTime(time / 1000n);
  await w.m.send(await w.initialize({ chain: hex(vectors.chain_hash), set: sets[0].root }));
  for (const v of vectors.checkpoints) {
    await t.test(v.name, async () => {
      const c = split(hex(v.bytes));
      assert.deepEqual(c.digest, hex(v.digest));
      await w.begin(c);
      const signatures = v.signatures.map((s, i) => Buffer.concat([Buffer.from([i]), hex(s)]));
      for (let i = 0; i < signatures.length; i += 12)
        await w.m.send(await w.p.addSignatures(c.digest, c.set, signatures.slice(i, i + 12)));
      await w.m.send(await w.p.finalize(c.digest, c.set, c.next));
      assert.deepEqual(w.client().digest, c.digest);
      assert.deepEqual(w.client().set, c.next);
      assert.equal(w.client().height, c.height);
    });
  }
});

test('names of chain and assets', () => {
  assert.deepEqual(H(vectors.chain_id), hex(vectors.chain_hash));
  for (const a of vectors.assets) {
    assert.deepEqual(assetId(a.domain, hex(a.token)), hex(a.asset));
    if (a.denom) assert.deepEqual(H(a.denom), hex(a.token));
  }
});

test('messages and events', () => {
  for (const v of [...vectors.messages, ...vectors.events]) {
    const bytes = hex(v.bytes);
    assert.deepEqual(bytes.subarray(-32), H(hex(v.payload)), v.name);
    assert.deepEqual(leafHash(bytes), hex(v.leaf), v.name);
  }
});

test('outbox roots and proofs', () => {
  const leaves = [];
  for (const v of vectors.outbox) for (const p of v.proofs ?? []) leaves[p.index] = hex(p.leaf);
  for (const v of vectors.outbox) {
    const known = leaves.slice(0, v.count);
    if (known.length < v.count || known.includes(undefined)) continue; // the long ones name some leaves only
    assert.deepEqual(outboxRoot(known), hex(v.root), `${v.count}`);
    for (const p of v.proofs ?? []) assert.deepEqual(outboxProof(p.index, known).subarray(8), Buffer.concat(p.path.map(hex)), `${v.count}, ${p.index}`);
  }
});
