// Proofs of the outbox: the tree of RFC 9162, 2.1, over all messages.
#pragma once
#include "wire.h"

// inclusion_root computes the root of the tree of count leaves in which leaf has that index (RFC 9162, 2.1.3.2).
static u64 inclusion_root(u64 index, u64 count, slice path, u8 node[32]) {
  static const u8 prefix = 1;
  CHECK(index < count && path.size % 32 == 0, MESSAGE_PROOF);
  u64 last = count - 1;
  for (; path.size > 0; index >>= 1, last >>= 1) {
    CHECK(last > 0, MESSAGE_PROOF);
    slice sibling = {take(&path, 32), 32}, own = {node, 32};
    int right = index & 1 || index == last;
    slice parts[3] = {{&prefix, 1}, right ? sibling : own, right ? own : sibling};
    keccak(parts, 3, node);
    if (right)
      for (; !(index & 1) && index != 0; index >>= 1) last >>= 1;
  }
  CHECK(last == 0, MESSAGE_PROOF);
  return OK;
}

// outbox_check checks that a proof, count u64 and the path, shows the message under root.
static u64 outbox_check(const u8 root[32], const message *m, slice proof) {
  static const u8 prefix = 0;
  u8 node[32];
  const u8 *count = take(&proof, 8);
  CHECK(count, MESSAGE_PROOF);
  slice leaf[2] = {{&prefix, 1}, {(const u8 *)m, sizeof *m}};
  keccak(leaf, 2, node);
  TRY(inclusion_root(load64(m->nonce), load64(count), proof, node));
  slice top[3] = {TEXT("IPDM/ob/v1"), {count, 8}, {node, 32}};
  keccak(top, 3, node);
  CHECK(equal(node, root, 32), MESSAGE_PROOF);
  return OK;
}
