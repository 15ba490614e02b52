// The outbox tree: RFC 9162, 2.1, by its recursive definition.
import { H, u64, ZERO } from './wire.mjs';

const split = (n) => { let k = 1; while (k * 2 < n) k *= 2; return k; };
export const leafHash = (message) => H([0], message);

function tree(leaves) {
  if (leaves.length === 0) return ZERO;
  if (leaves.length === 1) return leaves[0];
  const k = split(leaves.length);
  return H([1], tree(leaves.slice(0, k)), tree(leaves.slice(k)));
}

function path(index, leaves) {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return index < k
    ? [...path(index, leaves.slice(0, k)), tree(leaves.slice(k))]
    : [...path(index - k, leaves.slice(k)), tree(leaves.slice(0, k))];
}

export const outboxRoot = (leaves) => H('IPDM/ob/v1', u64(leaves.length), tree(leaves));
export const outboxProof = (index, leaves) => Buffer.concat([u64(leaves.length), ...path(index, leaves)]);
