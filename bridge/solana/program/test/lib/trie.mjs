// A Merkle-Patricia trie over keys of 32 bytes, built at once from all entries.
import { H } from './wire.mjs';

function rlpHead(size, short) {
  if (size <= 55) return Buffer.from([short + size]);
  return size < 256 ? Buffer.from([short + 56, size]) : Buffer.from([short + 57, size >> 8, size & 255]);
}
const rlpString = (b) => (b.length === 1 && b[0] < 0x80 ? b : Buffer.concat([rlpHead(b.length, 0x80), b]));
export function rlpList(items) {
  const body = Buffer.concat(items.map(rlpString));
  return Buffer.concat([rlpHead(body.length, 0xc0), body]);
}

const nibble = (key, i) => (i & 1 ? key[i >> 1] & 15 : key[i >> 1] >> 4);

function compact(key, from, to, leaf) {
  const odd = (to - from) & 1;
  const out = [((leaf ? 2 : 0) | odd) << 4 | (odd ? nibble(key, from) : 0)];
  for (let i = from + odd; i < to; i += 2) out.push(nibble(key, i) << 4 | nibble(key, i + 1));
  return Buffer.from(out);
}

// node returns the RLP of the node over entries[from, to) from nibble depth on, and notes in path those on the way to target.
function node(entries, from, to, depth, target, path) {
  const [first, value] = entries[from];
  const on = path && target >= from && target < to;
  let end = depth;
  const last = entries[to - 1][0];
  while (to - from > 1 && nibble(first, end) === nibble(last, end)) end++;
  let raw;
  if (on) path.push(null);
  const place = on ? path.length - 1 : -1;
  if (to - from === 1) {
    raw = rlpList([compact(first, depth, 64, true), value]);
  } else if (end > depth) {
    raw = rlpList([compact(first, depth, end, false), H(node(entries, from, to, end, target, path))]);
  } else {
    const items = Array(17).fill(Buffer.alloc(0));
    for (let i = from; i < to;) {
      let j = i;
      const n = nibble(entries[i][0], depth);
      while (j < to && nibble(entries[j][0], depth) === n) j++;
      items[n] = H(node(entries, i, j, depth + 1, target, path));
      i = j;
    }
    raw = rlpList(items);
  }
  if (on) path[place] = raw;
  return raw;
}

// trie returns the root over entries, [key, value] each, and the proof of the one at target: its nodes from the root down.
export function trie(entries, key) {
  const sorted = [...entries].sort((a, b) => Buffer.compare(a[0], b[0]));
  const proof = [];
  const root = H(node(sorted, 0, sorted.length, 0, sorted.findIndex(([k]) => k.equals(key)), proof));
  return { root, proof };
}

export function record(fields = {}) {
  const b = Buffer.alloc(99);
  b[0] = fields.version ?? 1;
  b[1] = fields.flags ?? 0;
  b[2] = 0x70;
  H('content').copy(b, 3);
  H('owner').copy(b, 35);
  b.writeBigUInt64BE(BigInt(fields.size ?? 1000), 67);
  b.writeBigUInt64BE(BigInt(fields.height ?? 7), 75);
  b.writeBigUInt64BE(1n, 91);
  return b;
}

export const entriesOf = (count) => Array.from({ length: count }, (_, i) => [H(`manifest ${i}`), record({ size: i })]);
