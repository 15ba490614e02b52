// Integers and byte strings. Everything outside is big-endian (docs/spec/bridge.md); the runtime's own structures are little-endian.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

// slice is a view of bytes. The runtime's syscalls take arrays of it.
typedef struct {
  const u8 *at;
  u64 size;
} slice;

#define TEXT(s) {(const u8 *)(s), sizeof(s) - 1}
#define BYTES(x) {(const u8 *)(x), sizeof(x)}

static inline u16 load16(const u8 *p) { return (u16)(p[0] << 8 | p[1]); }

static inline u32 load32(const u8 *p) { return (u32)load16(p) << 16 | load16(p + 2); }

static inline void store16(u8 *p, u64 v) {
  p[0] = (u8)(v >> 8);
  p[1] = (u8)v;
}

// What follows is the runtime's on Solana, and plain C in the native build that is fuzzed.
#ifdef __bpf__
#include "syscalls.h"

// The machine takes integers of 8 bytes from any address; the compiler would not.
typedef u64 __attribute__((may_alias)) anywhere;

static inline u64 load64_le(const u8 *p) { return *(const anywhere *)p; }

static inline void store64_le(u8 *p, u64 v) { *(anywhere *)p = v; }

static inline void copy(u8 *to, const u8 *from, u64 n) { sol_memcpy_(to, from, n); }

static inline void zero(u8 *at, u64 n) { sol_memset_(at, 0, n); }

static inline int equal(const u8 *a, const u8 *b, u64 n) {
  int differ = 0;
  sol_memcmp_(a, b, n, &differ);
  return differ == 0;
}

// compare orders a and b as memcmp does.
static inline int compare(const u8 *a, const u8 *b, u64 n) {
  int order = 0;
  sol_memcmp_(a, b, n, &order);
  return order;
}

static inline void keccak(const slice *parts, u64 n, u8 out[32]) { sol_keccak256(parts, n, out); }
#else
#include <string.h>

static inline u64 load64_le(const u8 *p) {
  u64 v;
  memcpy(&v, p, 8);
  return v;
}

static inline void store64_le(u8 *p, u64 v) { memcpy(p, &v, 8); }

static inline void copy(u8 *to, const u8 *from, u64 n) { memcpy(to, from, n); }

static inline void zero(u8 *at, u64 n) { memset(at, 0, n); }

static inline int equal(const u8 *a, const u8 *b, u64 n) { return memcmp(a, b, n) == 0; }

static inline int compare(const u8 *a, const u8 *b, u64 n) { return memcmp(a, b, n); }

void keccak(const slice *parts, u64 n, u8 out[32]);
#endif

static inline u64 load64(const u8 *p) { return __builtin_bswap64(load64_le(p)); }

static inline void store64(u8 *p, u64 v) { store64_le(p, __builtin_bswap64(v)); }

static const u8 zeros[32];

// is_zero looks at n bytes, 32 at most.
static inline int is_zero(const u8 *p, u64 n) { return equal(p, zeros, n); }

// take cuts n bytes off the front of s; null where s is shorter.
static inline const u8 *take(slice *s, u64 n) {
  if (s->size < n) return 0;
  const u8 *p = s->at;
  s->at += n;
  s->size -= n;
  return p;
}
