// Writes the seeds of the fuzz targets, from the golden vectors and a small trie. Usage: node corpus.mjs DIR
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { entriesOf, rlpList, trie } from './lib/trie.mjs';
import { hex, u256 } from './lib/wire.mjs';

const dir = process.argv[2] ?? '../fuzz/corpus';
const vectors = JSON.parse(readFileSync(new URL('../../../../x/bridge/wire/testdata/vectors.json', import.meta.url)));

function write(target, seeds) {
  rmSync(`${dir}/${target}`, { recursive: true, force: true });
  mkdirSync(`${dir}/${target}`, { recursive: true });
  for (const [name, bytes] of seeds) writeFileSync(`${dir}/${target}/${name}`, bytes);
}

write('wire', [
  ...vectors.sets.slice(0, 3).map((s) => [`set-${s.count}`, Buffer.concat([Buffer.from([0]), hex(s.bytes)])]),
  ['checkpoint', Buffer.concat([Buffer.from([1]), hex(vectors.checkpoints[0].bytes)])],
  ['message', Buffer.concat([Buffer.from([2]), hex(vectors.messages[0].bytes)])],
  ['amount', Buffer.concat([Buffer.from([3, 9]), u256(15n * 10n ** 17n)])],
]);

write('outbox', vectors.outbox.filter((o) => o.count > 0 && o.count < 9).map((o) => [
  `path-${o.count}`, Buffer.concat([Buffer.from([o.count - 1, 0]), ...o.proofs[0].path.map(hex)]),
]));

// The target's hash is zero for every node, so that references are zero.
const [key, value] = entriesOf(1)[0];
const none = Buffer.alloc(0), zero = Buffer.alloc(32);
const branch = rlpList(Array.from({ length: 17 }, (_, i) => (i < 16 ? zero : none)));
const leaf = (depth) => rlpList([Buffer.concat([Buffer.from([depth & 1 ? 0x30 | (key[depth >> 1] & 15) : 0x20]), key.subarray((depth + 1) >> 1)]), value]);
write('trie', [
  ['leaf', Buffer.concat([key, ...trie([[key, value]], key).proof])],
  ['branch', Buffer.concat([key, branch, leaf(1)])],
  ['branches', Buffer.concat([key, branch, branch, leaf(2)])],
  ['extension', Buffer.concat([key, rlpList([Buffer.from([0x10 | key[0] >> 4]), zero]), branch, leaf(2)])],
]);
