// The formats of docs/spec/bridge.md. Structures are of bytes only, so they have no padding and may lie anywhere.
#pragma once
#include "errors.h"

typedef struct {
  u8 tag[10];
  u8 chain[32];
  u8 epoch[8];
  u8 height[8];
  u8 time[8];
  u8 anchors[32];
  u8 outbox[32];
  u8 set[32];
  u8 next_set[32];
  u8 previous[32];
} checkpoint;

typedef struct {
  u8 address[20];
  u8 power[8];
} member;

typedef struct {
  u8 index;
  u8 r[32];
  u8 s[32];
  u8 v;
} signature;

typedef struct {
  u8 tag[11];
  u8 kind;
  u8 domain[4];
  u8 application[32];
  u8 nonce[8];
  u8 sender[32];
  u8 recipient[32];
  u8 timeout[8];
  u8 payload[32];
} message;

typedef struct {
  u8 tag[10];
  u8 kind;
  u8 domain[4];
  u8 application[32];
  u8 nonce[8];
  u8 sender[32];
  u8 recipient[32];
  u8 time[8];
  u8 payload[32];
} event;

_Static_assert(sizeof(checkpoint) == 226, "checkpoint");
_Static_assert(sizeof(member) == 28, "member");
_Static_assert(sizeof(signature) == 66, "index and signature");
_Static_assert(sizeof(message) == 160, "message");
_Static_assert(sizeof(event) == 159, "event");

enum {
  MEMBERS_MAX = 256,
  SET_MAX = 2 + MEMBERS_MAX * sizeof(member),
  RECORD_SIZE = 99,
  KIND_TRANSFER = 1,
  KIND_CALL = 2,
  KIND_CONTROL = 3,
  KIND_DELIVERY = 4,
  STATUS_DONE = 1,
  STATUS_REFUSED = 2,
};

// as_checkpoint takes bytes for a checkpoint.
static u64 as_checkpoint(slice in, const checkpoint **out) {
  CHECK(in.size == sizeof(checkpoint) && equal(in.at, (const u8 *)"IPDM/cp/v1", 10), CHECKPOINT_FORMAT);
  *out = (const checkpoint *)in.at;
  return OK;
}

// as_message takes bytes for a message.
static u64 as_message(slice in, const message **out) {
  CHECK(in.size == sizeof(message) && equal(in.at, (const u8 *)"IPDM/msg/v1", 11), MESSAGE_FORMAT);
  *out = (const message *)in.at;
  return OK;
}

static void hash(slice bytes, u8 out[32]) { keccak(&bytes, 1, out); }

// set_root writes the root that names an encoded signer set.
static void set_root(slice set, u8 out[32]) {
  slice parts[2] = {TEXT("IPDM/vs/v1"), set};
  keccak(parts, 2, out);
}

static int occurs_before(const member *members, u64 i) {
  const u8 *address = members[i].address;
  for (u64 k = 0; k < i; k++)
    if (members[k].address[0] == address[0] && equal(members[k].address, address, sizeof members[k].address)) return 1;
  return 0;
}

// check_set checks an encoded signer set and sums its power.
static u64 check_set(slice set, u64 *total) {
  CHECK(set.size >= 2, SET_SIZE);
  u64 count = load16(set.at);
  CHECK(count >= 1 && count <= MEMBERS_MAX && set.size == 2 + count * sizeof(member), SET_SIZE);
  const member *members = (const member *)(set.at + 2);
  u64 sum = 0, last = 0;
  for (u64 i = 0; i < count; i++) {
    u64 power = load64(members[i].power);
    CHECK(power != 0 && !is_zero(members[i].address, sizeof members[i].address), SET_MEMBER);
    CHECK(power < 1UL << 62 && sum + power < 1UL << 62, SET_POWER);
    sum += power;
    if (i > 0) {
      CHECK(power <= last, SET_ORDER);
      CHECK(!occurs_before(members, i), SET_MEMBER);
      CHECK(power < last || compare(members[i - 1].address, members[i].address, sizeof members[i].address) < 0, SET_ORDER);
    }
    last = power;
  }
  *total = sum;
  return OK;
}

// low_s tells whether s is at most half the order of secp256k1.
static int low_s(const u8 s[32]) {
  static const u8 half[32] = {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                              0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};
  return compare(s, half, 32) <= 0;
}

// asset_id writes the name of the asset that a token of a domain is.
static void asset_id(const u8 domain[4], const u8 token[32], u8 out[32]) {
  slice parts[3] = {TEXT("IPDM/asset/v1"), {domain, 4}, {token, 32}};
  keccak(parts, 3, out);
}

// amount_units turns a u256 amount into units of a token that has fewer decimals: amount / scale. It must divide and fit in a u64.
static u64 amount_units(const u8 amount[32], u64 scale, u64 *units) {
  u64 quotient = 0, rest = 0;
  for (int i = 0; i < 32; i++) { // long division by bytes; scale is at most 10^9, so rest * 256 fits
    CHECK(quotient >> 56 == 0, AMOUNT);
    rest = rest << 8 | amount[i];
    quotient = quotient << 8 | rest / scale;
    rest %= scale;
  }
  CHECK(rest == 0, AMOUNT);
  *units = quotient;
  return OK;
}

// amount_floor is amount / scale rounded down, and the greatest u64 where it does not fit.
static u64 amount_floor(const u8 amount[32], u64 scale) {
  u64 quotient = 0, rest = 0;
  for (int i = 0; i < 32; i++) {
    if (quotient >> 56) return ~0UL;
    rest = rest << 8 | amount[i];
    quotient = quotient << 8 | rest / scale;
    rest %= scale;
  }
  return quotient;
}

// amount_bytes writes units * scale as a u256.
static void amount_bytes(u64 units, u64 scale, u8 out[32]) {
  zero(out, 32);
  u64 carry = 0;
  for (int i = 31; i >= 0 && (units | carry); i--, units >>= 8) {
    carry += (units & 255) * scale;
    out[i] = (u8)carry;
    carry >>= 8;
  }
}
