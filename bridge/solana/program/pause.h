// The guardian's pause. It holds back the release of value and nothing else, ends by itself, and is followed by a cool-down.
#pragma once
#include "account.h"

static u64 pause(context *c) {
  TRY(need_accounts(c, 2));
  gateway *y;
  TRY(need_gateway(c, &c->accounts[0], &y));
  TRY(need_writable(&c->accounts[0]));
  TRY(need_signer(&c->accounts[1]));
  CHECK(is_key(&c->accounts[1], y->guardian), WRONG_KEY);
  u64 now = now_ms();
  CHECK(now >= load64(y->pause_from), PAUSE_COOLDOWN);
  u64 until = now + load64(y->pause);
  store64(y->paused_until, until);
  store64(y->pause_from, until + load64(y->cooldown));
  return OK;
}
