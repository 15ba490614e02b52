// Fuzzes proofs of the outbox: a tree over as many leaves as the first byte says, and the path that the rest is.
#include "../outbox.h"
#include <stdlib.h>

enum { LEAVES_MAX = 33 };

static void join(const u8 left[32], const u8 right[32], u8 out[32]) {
  static const u8 prefix = 1;
  slice parts[3] = {{&prefix, 1}, {left, 32}, {right, 32}};
  keccak(parts, 3, out);
}

// tree computes the root over leaves by the recursive definition and appends to path the siblings of the one at index.
static void tree(u8 leaves[][32], u64 count, u64 index, u8 path[][32], u64 *length, u8 root[32]) {
  if (count == 1) {
    memcpy(root, leaves[0], 32);
    return;
  }
  u64 k = 1;
  while (k * 2 < count) k *= 2;
  u8 left[32], right[32], none[LEAVES_MAX][32];
  u64 skip = 0;
  int is_left = index < k;
  tree(leaves, k, is_left ? index : 0, is_left ? path : none, is_left ? length : &skip, left);
  skip = 0;
  tree(leaves + k, count - k, is_left ? 0 : index - k, is_left ? none : path, is_left ? &skip : length, right);
  memcpy(path[(*length)++], is_left ? right : left, 32);
  join(left, right, root);
}

// The native Keccak must be the one that Solana has: this is its hash of nothing.
int LLVMFuzzerInitialize(int *argc, char ***argv) {
  static const u8 expected[4] = {0xc5, 0xd2, 0x46, 0x01};
  u8 digest[32];
  (void)argc;
  (void)argv;
  hash((slice){0, 0}, digest);
  if (memcmp(digest, expected, sizeof expected) != 0) abort();
  return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size) {
  if (size < 2) return -1;
  u64 count = data[0] % LEAVES_MAX + 1, index = data[1] % count;
  u8 leaves[LEAVES_MAX][32], path[LEAVES_MAX][32], root[32], node[32];
  for (u64 i = 0; i < count; i++) {
    u8 seed[2] = {data[1], (u8)i};
    hash((slice)BYTES(seed), leaves[i]);
  }
  u64 length = 0;
  tree(leaves, count, index, path, &length, root);
  memcpy(node, leaves[index], 32);
  if (inclusion_root(index, count, (slice){path[0], length * 32}, node) != OK || memcmp(node, root, 32) != 0) abort();

  // any other path of that leaf, or none, leads elsewhere
  slice given = {data + 2, size - 2};
  int same = given.size == length * 32 && memcmp(given.at, path, given.size) == 0;
  memcpy(node, leaves[index], 32);
  if (!same && inclusion_root(index, count, given, node) == OK && memcmp(node, root, 32) == 0) abort();

  // and any message and proof are looked at within their bytes
  if (size >= sizeof(message)) outbox_check(root, (const message *)data, (slice){data + sizeof(message), size - sizeof(message)});
  return 0;
}
