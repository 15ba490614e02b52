// Keccak-256 for the native build of the parts that are fuzzed; on Solana it is a syscall. After the reference of FIPS 202, with the
// padding of the original Keccak.
#include "../bytes.h"

static inline __attribute__((always_inline)) u64 rotate(u64 v, unsigned n) { return n == 0 ? v : v << n | v >> (64 - n); }

// What it does with memory is fixed: without the sanitizers fuzzing is ten times as fast.
__attribute__((no_sanitize("address", "undefined", "coverage"))) static void permute(u64 a[25]) {
  u64 lfsr = 1;
  for (int round = 0; round < 24; round++) {
    u64 c[5], b[25];
    for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (int i = 0; i < 25; i++) a[i] ^= c[(i + 4) % 5] ^ rotate(c[(i + 1) % 5], 1);
    b[0] = a[0];
    for (int t = 0, x = 1, y = 0; t < 24; t++) {
      int to = (2 * x + 3 * y) % 5;
      b[y + 5 * to] = rotate(a[x + 5 * y], (unsigned)((t + 1) * (t + 2) / 2 % 64));
      x = y;
      y = to;
    }
    for (int y = 0; y < 25; y += 5)
      for (int x = 0; x < 5; x++) a[x + y] = b[x + y] ^ (~b[(x + 1) % 5 + y] & b[(x + 2) % 5 + y]);
    for (int j = 0; j < 7; j++) {
      if (lfsr & 1) a[0] ^= 1UL << ((1 << j) - 1);
      lfsr = lfsr << 1 ^ (lfsr >> 7 & 1 ? 0x171 : 0);
    }
  }
}

void keccak(const slice *parts, u64 n, u8 out[32]) {
  enum { RATE = 136 };
  u64 state[25] = {0};
  u8 *bytes = (u8 *)state;
  u64 at = 0;
  for (u64 i = 0; i < n; i++) {
    for (u64 k = 0; k < parts[i].size; k++) {
      bytes[at++] ^= parts[i].at[k];
      if (at == RATE) {
        permute(state);
        at = 0;
      }
    }
  }
  bytes[at] ^= 0x01;
  bytes[RATE - 1] ^= 0x80;
  permute(state);
  memcpy(out, state, 32);
}
