// Recovery of a client that is older than its trust period, whose signers may have unbonded: the recovery key proposes a set, anyone
// executes it after a delay, and the guardian may cancel it meanwhile.
#pragma once
#include "client.h"

// propose_recovery: epoch u64 | set root 32, signed by the recovery key. The epoch is not before the client's.
static u64 propose_recovery(context *c) {
  TRY(need_accounts(c, 2));
  client *k;
  TRY(need_client(c, &c->accounts[0], &k));
  TRY(need_writable(&c->accounts[0]));
  TRY(need_signer(&c->accounts[1]));
  CHECK(is_key(&c->accounts[1], k->recovery_key), WRONG_KEY);
  CHECK(is_stale(k), CLIENT_FRESH);
  CHECK(c->arguments.size == 40 && load64(c->arguments.at) >= load64(k->epoch), ARGUMENTS);
  copy(k->recovery_epoch, c->arguments.at, 8);
  copy(k->recovery_set, c->arguments.at + 8, 32);
  store64(k->recovery_due, now_ms() + load64(k->recovery_delay));
  return OK;
}

// cancel_recovery is signed by the guardian or the recovery key.
static u64 cancel_recovery(context *c) {
  TRY(need_accounts(c, 3));
  client *k;
  gateway *y;
  TRY(need_client(c, &c->accounts[0], &k));
  TRY(need_writable(&c->accounts[0]));
  TRY(need_gateway(c, &c->accounts[1], &y));
  TRY(need_signer(&c->accounts[2]));
  CHECK(is_key(&c->accounts[2], y->guardian) || is_key(&c->accounts[2], k->recovery_key), WRONG_KEY);
  CHECK(load64(k->recovery_due) != 0, RECOVERY_NONE);
  store64(k->recovery_due, 0);
  return OK;
}

// execute_recovery puts the proposed set in place.
static u64 execute_recovery(context *c) {
  TRY(need_accounts(c, 2));
  client *k;
  set *s;
  TRY(need_client(c, &c->accounts[0], &k));
  TRY(need_writable(&c->accounts[0]));
  TRY(need_set(c, &c->accounts[1], &s));
  u64 due = load64(k->recovery_due), now = now_ms();
  CHECK(due != 0, RECOVERY_NONE);
  CHECK(now >= due, RECOVERY_EARLY);
  CHECK(is_stale(k), CLIENT_FRESH);
  CHECK(equal(s->root, k->recovery_set, 32), SET_OTHER);
  copy(k->epoch, k->recovery_epoch, 8);
  copy(k->set, k->recovery_set, 32);
  store64(k->trusted_at, now);
  store64(k->recovery_due, 0);
  return OK;
}
