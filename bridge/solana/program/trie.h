// Proofs of a Merkle-Patricia trie as Ethereum's (yellow paper, appendix D) with keys of 32 bytes.
#pragma once
#include "errors.h"

typedef struct {
  slice body;
  int list;
} rlp_item;

// rlp_next cuts the next item off in. Lengths must be in their shortest form.
static u64 rlp_next(slice *in, rlp_item *item) {
  const u8 *prefix = take(in, 1);
  CHECK(prefix, TRIE_NODE);
  u64 b = *prefix, size;
  item->list = b >= 0xc0;
  if (b < 0x80) {
    item->body.at = prefix;
    item->body.size = 1;
    return OK;
  }
  u64 n = b & 0x3f;
  if (n <= 55) {
    size = n;
  } else {
    u64 width = n - 55;
    CHECK(width <= 2, TRIE_NODE); // no node comes near 64 KiB
    const u8 *length = take(in, width);
    CHECK(length && length[0] != 0, TRIE_NODE);
    size = width == 1 ? length[0] : load16(length);
    CHECK(size > 55, TRIE_NODE);
  }
  item->body.at = take(in, size);
  item->body.size = size;
  CHECK(item->body.at, TRIE_NODE);
  CHECK(item->list || size != 1 || item->body.at[0] >= 0x80, TRIE_NODE);
  return OK;
}

static u64 nibble(const u8 *key, u64 i) { return i & 1 ? key[i >> 1] & 15 : key[i >> 1] >> 4; }

// trie_follow matches the compact path of a leaf or an extension with the key from nibble *depth on.
static u64 trie_follow(slice path, const u8 key[32], u64 *depth, int *leaf) {
  CHECK(path.size >= 1 && path.at[0] >> 4 <= 3, TRIE_NODE);
  u64 i = path.at[0] & 0x10 ? 1 : 2; // an even path has a zero nibble behind its flag
  CHECK(i == 1 || (path.at[0] & 15) == 0, TRIE_NODE);
  *leaf = path.at[0] >> 5;
  CHECK(*leaf || path.size * 2 > i, TRIE_NODE);
  for (; i < path.size * 2; i++, ++*depth) CHECK(*depth < 64 && nibble(path.at, i) == nibble(key, *depth), TRIE_PATH);
  return OK;
}

// trie_value finds the value that a proof, the nodes from the root down behind each other, shows for key. Values are so long here
// that no node is embedded in another.
static u64 trie_value(const u8 root[32], const u8 key[32], slice proof, slice *value) {
  u8 want[32], got[32];
  copy(want, root, 32);
  u64 depth = 0;
  while (proof.size > 0) {
    slice node = proof;
    rlp_item list;
    TRY(rlp_next(&proof, &list));
    CHECK(list.list, TRIE_NODE);
    node.size -= proof.size;
    keccak(&node, 1, got);
    CHECK(equal(got, want, 32), TRIE_HASH);

    rlp_item item;
    slice path = {0, 0}, next = {0, 0}, child = {0, 0};
    u64 count = 0;
    u64 branch = depth < 64 ? nibble(key, depth) : 16;
    for (slice rest = list.body; rest.size > 0; count++) {
      TRY(rlp_next(&rest, &item));
      CHECK(!item.list && count < 17, TRIE_NODE);
      if (count == 0) path = item.body;
      if (count == 1) next = item.body;
      if (count == branch) child = item.body;
    }
    if (count == 17) {
      CHECK(depth < 64 && child.size != 0, TRIE_PATH);
      depth++;
    } else {
      CHECK(count == 2, TRIE_NODE);
      int leaf;
      TRY(trie_follow(path, key, &depth, &leaf));
      if (leaf) {
        CHECK(depth == 64, TRIE_PATH);
        CHECK(proof.size == 0, TRIE_LONG);
        *value = next;
        return OK;
      }
      child = next;
    }
    CHECK(child.size == 32, TRIE_NODE);
    copy(want, child.at, 32);
  }
  return E_TRIE_SHORT;
}
