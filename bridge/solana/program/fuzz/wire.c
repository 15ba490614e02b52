// Fuzzes the formats: the first byte says which, the rest is read.
#include "../wire.h"
#include <stdlib.h>

static void fuzz_set(slice in) {
  u64 total = 0;
  if (check_set(in, &total) != OK) return;
  u64 count = load16(in.at), sum = 0;
  const member *members = (const member *)(in.at + 2);
  if (in.size != 2 + count * sizeof(member)) abort();
  for (u64 i = 0; i < count; i++) {
    u64 power = load64(members[i].power);
    sum += power;
    for (u64 k = 0; k < i; k++) {
      int order = memcmp(members[k].address, members[i].address, 20);
      u64 before = load64(members[k].power);
      if (order == 0 || before < power || (before == power && order > 0)) abort();
    }
  }
  if (sum != total || total == 0 || total >> 62) abort();
}

static void fuzz_amount(slice in) {
  const u8 *decimals = take(&in, 1), *amount = take(&in, 32);
  if (!amount) return;
  u64 scale = 1, units, floor;
  for (int d = *decimals % 10; d > 0; d--) scale *= 10;
  floor = amount_floor(amount, scale);
  u8 back[32];
  if (amount_units(amount, scale, &units) == OK) {
    amount_bytes(units, scale, back);
    if (memcmp(back, amount, 32) != 0 || floor != units) abort();
    return;
  }
  // it has a fraction, or it is over all that fits
  amount_bytes(floor, scale, back);
  if (memcmp(back, amount, 32) >= 0) abort();
  if (floor != ~0UL) {
    amount_bytes(floor + 1, scale, back);
    if (memcmp(back, amount, 32) <= 0) abort();
  }
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size) {
  slice in = {data, size};
  const u8 *which = take(&in, 1);
  if (!which) return -1;
  const checkpoint *p;
  const message *m;
  switch (*which % 4) {
  case 0:
    fuzz_set(in);
    break;
  case 1:
    if (as_checkpoint(in, &p) == OK && (const u8 *)p + sizeof *p != in.at + in.size) abort();
    break;
  case 2:
    if (as_message(in, &m) == OK && (const u8 *)m + sizeof *m != in.at + in.size) abort();
    break;
  case 3:
    fuzz_amount(in);
    break;
  }
  return 0;
}
