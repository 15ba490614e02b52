import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { World } from './lib/world.mjs';
import { trie, entriesOf, record, rlpList } from './lib/trie.mjs';
import { H, hex, u64, word } from './lib/wire.mjs';

// anchored opens a world whose head has the root of these entries, with the proof of the one at index.
async function anchored(entries, index = 0) {
  const w = await (await World.open()).load();
  const [key, value] = entries[index];
  const { root, proof } = trie(entries, key);
  w.anchors = root;
  await w.accept();
  return { w, key, value, root, proof };
}

test('prove_anchor', async (t) => {
  const { w, key, value, proof } = await anchored(entriesOf(1000), 17);
  // A proof among so many is longer than a transaction: it goes through a buffer.
  const prove = async (p = proof, k = key, height = w.height) => w.large(await w.p.proveAnchor(height, k, p));
  await t.test('returns the record and logs it', async (s) => {
    const taken = await w.m.send(await prove());
    assert.deepEqual(taken.returned, value);
    const logged = `Program data: ${[Buffer.from('anchor'), key, value].map((b) => b.toString('base64')).join(' ')}`;
    assert.ok(taken.logs.includes(logged), taken.logs.join('\n'));
    s.diagnostic(`10^3 entries: ${proof.length} nodes, ${Buffer.concat(proof).length} bytes in a buffer, ${taken.units} CU`);
  });
  for (const [i, node] of proof.entries()) {
    await t.test(`with node ${i} of ${proof.length} changed in any one place`, async () => {
      for (let at = 0; at < node.length; at += i === 0 ? 29 : 13) {
        const changed = proof.map((n) => Buffer.from(n));
        changed[i][at] ^= 1;
        assert.match(await w.m.failure(await prove(changed)), /^TRIE_/, `byte ${at}`);
      }
    });
    await t.test(`without node ${i} of ${proof.length}`, async () =>
      w.m.fails(i === proof.length - 1 ? 'TRIE_SHORT' : 'TRIE_HASH', await prove(proof.filter((_, k) => k !== i))));
  }
  const bad = [
    ['no proof', 'TRIE_SHORT', []],
    ['a node more', 'TRIE_LONG', [...proof, proof[0]]],
    ['a byte more', 'TRIE_LONG', [...proof, Buffer.from([0x80])]],
    ['the last node first', 'TRIE_HASH', [...proof].reverse()],
    ['a byte short', 'TRIE_NODE', [...proof.slice(0, -1), proof.at(-1).subarray(0, -1)]],
  ];
  for (const [name, error, p] of bad) await t.test(name, async () => w.m.fails(error, await prove(p)));
  await t.test('for a key that is not anchored', async () => {
    const other = Buffer.from(key);
    other[31] ^= 1;
    await w.m.fails('TRIE_PATH', await prove(proof, other));
  });
  await t.test('for another key that is', async () => {
    const other = entriesOf(1000).find(([k]) => k[0] >> 4 !== key[0] >> 4)[0];
    await w.m.fails('TRIE_HASH', await prove(proof, other));
  });
  await t.test('at a height that was not accepted', async () => w.m.fails('ROOT_UNKNOWN', await prove(proof, key, w.height + 1n)));
  await t.test('at the last 64 heights and not before', async () => {
    const first = w.height;
    for (let i = 0; i < 63; i++) await w.accept();
    await w.m.send(await prove(proof, key, first));
    await w.accept();
    await w.m.fails('ROOT_UNKNOWN', await prove(proof, key, first));
    await w.m.send(await prove(proof, key, first + 1n));
  });
});

test('prove_anchor of a trie of one entry', async () => {
  const { w, key, value, proof } = await anchored(entriesOf(1));
  assert.equal(proof.length, 1);
  const taken = await w.m.send(await w.p.proveAnchor(w.height, key, proof));
  assert.deepEqual(taken.returned, value);
});

test('prove_anchor through extensions of odd and even length', async (t) => {
  for (const shared of [1, 2, 3, 31, 62, 63]) {
    await t.test(`${shared} nibbles shared`, async () => {
      const key = H('left');
      const other = Buffer.from(key);
      other[shared >> 1] ^= shared & 1 ? 0x01 : 0x10;
      const { w, proof } = await anchored([[key, record()], [other, record({ size: 2 })]]);
      const taken = await w.m.send(await w.p.proveAnchor(w.height, key, proof));
      assert.deepEqual(taken.returned, record());
      const third = Buffer.from(key);
      third[0] ^= 0x80;
      await w.m.fails('TRIE_PATH', await w.p.proveAnchor(w.height, third, proof));
    });
  }
});

test('prove_anchor of nodes that no trie has, under a root that hashes them', async (t) => {
  const key = H('key');
  const leaf = (path, value = record()) => rlpList([path, value]);
  const full = Buffer.concat([Buffer.from([0x20]), key]);
  const raw = (...bytes) => Buffer.from(bytes);
  const branch = (child) => rlpList(Array.from({ length: 17 }, (_, i) => (i === key[0] >> 4 ? child : Buffer.alloc(0))));
  const cases = [
    ['a leaf with an odd flag and an even path', 'TRIE_PATH', [leaf(Buffer.concat([raw(0x3f), key]))]],
    ['a leaf whose path is short', 'TRIE_PATH', [leaf(full.subarray(0, 32))]],
    ['a leaf whose path is long', 'TRIE_PATH', [leaf(Buffer.concat([full, raw(0)]))]],
    ['a path with an unknown flag', 'TRIE_NODE', [leaf(Buffer.concat([raw(0x40), key]))]],
    ['a path whose padding is not zero', 'TRIE_NODE', [leaf(Buffer.concat([raw(0x21), key]))]],
    ['a path of no bytes', 'TRIE_NODE', [leaf(Buffer.alloc(0))]],
    ['an extension that is empty', 'TRIE_NODE', [rlpList([raw(0), word('child')])]],
    ['an extension to 31 bytes', 'TRIE_NODE', [rlpList([raw(0x10 | key[0] >> 4), Buffer.alloc(31)])]],
    ['a branch with no child there', 'TRIE_PATH', [branch(Buffer.alloc(0))]],
    ['a branch to 31 bytes', 'TRIE_NODE', [branch(Buffer.alloc(31))]],
    ['a list of three', 'TRIE_NODE', [rlpList([full, record(), record()])]],
    ['a list of eighteen', 'TRIE_NODE', [rlpList(Array(18).fill(Buffer.alloc(0)))]],
    ['an empty list', 'TRIE_NODE', [raw(0xc0)]],
    ['a string', 'TRIE_NODE', [raw(0x83, 1, 2, 3)]],
    ['a length in a long form that fits a short one', 'TRIE_NODE', [raw(0xf8, 5, 1, 2, 3, 4, 5)]],
    ['a length that begins with zero', 'TRIE_NODE', [raw(0xf9, 0, 60, ...Array(60).fill(1))]],
    ['a length of three bytes', 'TRIE_NODE', [raw(0xfa, 1, 0, 0, 1)]],
    ['a small byte behind a length', 'TRIE_NODE', [raw(0xc4, 0x81, 1, 0x81, 2)]],
    ['a nested list', 'TRIE_NODE', [raw(0xc4, 0xc1, 1, 0xc1, 2)]],
    ['an item past the end of its list', 'TRIE_NODE', [raw(0xc2, 0x85, 1)]],
    ['a value of 98 bytes', 'RECORD_FORMAT', [leaf(full, record().subarray(0, 98))]],
    ['a record of version 2', 'RECORD_FORMAT', [leaf(full, record({ version: 2 }))]],
  ];
  const w = await World.open();
  for (const [name, error, proof] of cases) {
    await t.test(name, async () => {
      w.anchors = H(proof[0]);
      await w.accept();
      await w.m.fails(error, await w.p.proveAnchor(w.height, key, proof));
    });
  }
});

test('anchored manifests on Solana', async (t) => {
  const entries = entriesOf(20);
  const { w, key, value, proof } = await anchored(entries);
  const address = await w.p.address('record', key);
  const stored = () => ({ height: w.m.data(address).readBigUInt64BE(66), record: w.m.data(address).subarray(74) });
  const first = w.height;
  await t.test('are stored', async () => {
    await w.m.send(await w.p.proveAnchor(w.height, key, proof, w.m.payer));
    assert.deepEqual(stored(), { height: first, record: value });
  });
  const newer = record({ flags: 1 });
  const after = trie([[key, newer], ...entries.slice(1)], key);
  await t.test('are replaced by what is newer, never by what is older', async () => {
    w.anchors = after.root;
    await w.accept();
    await w.m.send(await w.p.proveAnchor(w.height, key, after.proof, w.m.payer));
    assert.deepEqual(stored(), { height: w.height, record: newer });
    await w.m.send(await w.p.proveAnchor(first, key, proof, w.m.payer));
    assert.deepEqual(stored(), { height: w.height, record: newer });
  });
  await t.test('are closed by who stored them', async () => {
    await w.m.fails('WRONG_KEY', await w.p.close(address, w.m.payer.address, w.guardian));
    await w.m.send(await w.p.close(address, w.m.payer.address, w.m.payer));
    assert.equal(w.m.data(address), null);
  });
  await t.test('need a proof', async () =>
    w.m.fails('TRIE_SHORT', await w.p.proveAnchor(w.height, key, [], w.m.payer)));
});

test('prove_anchor through a buffer, 10^6 entries', { skip: process.env.IPDM_FIGURES ? false : 'set IPDM_FIGURES=1: it builds a trie for half a minute' }, async (t) => {
  const { w, key, value, proof } = await anchored(entriesOf(1_000_000), 123_456);
  const plain = await w.p.proveAnchor(w.height, key, proof);
  const taken = await w.m.send(await w.large(plain));
  assert.deepEqual(taken.returned, value);
  t.diagnostic(`10^6 entries: ${proof.length} nodes, ${Buffer.concat(proof).length} bytes, ${taken.units} CU`);
});

test('prove_anchor through a buffer', async (t) => {
  const { w, key, value, proof } = await anchored(entriesOf(5000));
  const taken = await w.m.send(await w.large(await w.p.proveAnchor(w.height, key, proof)));
  assert.deepEqual(taken.returned, value);
  t.diagnostic(`5000 entries: ${Buffer.concat(proof).length} bytes, ${taken.units} CU, transaction of ${taken.size} bytes`);
  const id = await w.upload(Buffer.concat([u64(w.height), key, Buffer.from([0]), ...proof]).subarray(0, -1));
  await w.m.fails('TRIE_NODE', await w.p.buffered(await w.p.proveAnchor(w.height, key, proof), w.m.payer.address, id));
});

// The chain's own trie (x/anchor/trie, on go-ethereum's) made these: bridge/chain/solana/program/anchor_test.go writes them.
test('prove_anchor of the proofs that the chain gives', async (t) => {
  const w = await World.open();
  for (const v of JSON.parse(readFileSync(new URL('../../../chain/solana/program/testdata/anchors.json', import.meta.url)))) {
    await t.test(`${v.entries} entries, key ${v.key.slice(0, 8)}`, async () => {
      w.anchors = hex(v.root);
      await w.accept();
      const taken = await w.m.send(await w.large(await w.p.proveAnchor(w.height, hex(v.key), v.proof.map(hex))));
      assert.equal(taken.returned.toString('hex'), v.record);
    });
  }
});
