// The light client: genesis, signer sets, and checkpoints that are signed over several transactions.
#pragma once
#include "invoke.h"

// initialize: chain 32 | domain u32 | epoch u64 | set root 32 | trust period u64 | guardian 32 | recovery key 32 | recovery delay u64 |
// length of a pause u64 | cool-down u64 | retention of events u64.
// The program's own key signs: whoever put the program at its address holds that key, and nobody else can.
static u64 initialize(context *c) {
  typedef struct {
    u8 chain[32], domain[4], epoch[8], set[32], trust[8], guardian[32], recovery_key[32], recovery_delay[8], pause[8], cooldown[8],
        retention[8];
  } genesis;
  TRY(need_accounts(c, 6));
  account *payer = &c->accounts[0], *self = &c->accounts[1], *client_at = &c->accounts[2], *gateway_at = &c->accounts[3];
  CHECK(c->arguments.size == sizeof(genesis), ARGUMENTS);
  const genesis *g = (const genesis *)c->arguments.at;
  TRY(need_signer(self));
  CHECK(is_key(self, c->program), WRONG_KEY);
  CHECK(!is_zero(g->domain, 4) && !is_zero(g->trust, 8), ARGUMENTS);
  CHECK((g->trust[0] | g->recovery_delay[0] | g->pause[0] | g->cooldown[0] | g->retention[0]) == 0, ARGUMENTS); // sums fit
  u64 pause = load64(g->pause);
  CHECK(pause <= PAUSE_MAX_MS && load64(g->cooldown) >= pause && load64(g->retention) >= RETENTION_MIN_MS, ARGUMENTS);
  set *first;
  TRY(need_set(c, &c->accounts[5], &first));
  CHECK(equal(first->root, g->set, 32), SET_OTHER);

  new_account w = {payer, &c->accounts[4], client_at, 0, sizeof(client), {{TEXT("client")}, 1}, 0};
  TRY(create_ours(c, &w, TYPE_CLIENT));
  client *k = (client *)client_at->data;
  copy(k->chain, g->chain, 32);
  copy(k->epoch, g->epoch, 8);
  copy(k->set, g->set, 32);
  copy(k->trust, g->trust, 8);
  copy(k->recovery_key, g->recovery_key, 32);
  copy(k->recovery_delay, g->recovery_delay, 8);
  store64(k->trusted_at, now_ms());

  new_account v = {payer, &c->accounts[4], gateway_at, 0, sizeof(gateway), {{TEXT("gateway")}, 1}, 0};
  TRY(create_ours(c, &v, TYPE_GATEWAY));
  gateway *y = (gateway *)gateway_at->data;
  copy(y->domain, g->domain, 4);
  copy(y->guardian, g->guardian, 32);
  copy(y->pause, g->pause, 8);
  copy(y->cooldown, g->cooldown, 8);
  copy(y->retention, g->retention, 8);
  return OK;
}

// put_set: an encoded signer set. Stores it at the address of its root; anyone may, for whoever uses a set compares its root.
static u64 put_set(context *c) {
  TRY(need_accounts(c, 3));
  account *payer = &c->accounts[0], *target = &c->accounts[1];
  u8 root[32];
  u64 total;
  TRY(check_set(c->arguments, &total));
  set_root(c->arguments, root);
  if (equal(target->owner, c->program, 32)) { // put before
    set *there;
    TRY(need_set(c, target, &there));
    CHECK(equal(there->root, root, 32), SET_OTHER);
    return OK;
  }
  new_account w = {payer, &c->accounts[2], target, 0, sizeof(set) + c->arguments.size, {{TEXT("set"), {root, 32}}, 2}, 0};
  TRY(create_ours(c, &w, TYPE_SET));
  set *s = (set *)target->data;
  copy(s->root, root, 32);
  store64(s->total, total);
  copy(s->set, c->arguments.at, c->arguments.size);
  return OK;
}

static int is_stale(const client *k) {
  return now_ms() > load64(k->trusted_at) + load64(k->trust);
}

// acceptable checks that the client may take a checkpoint now, if it is signed.
static u64 acceptable(const client *k, const checkpoint *p) {
  CHECK(!is_stale(k), CLIENT_STALE);
  CHECK(equal(p->chain, k->chain, 32), CHECKPOINT_CHAIN);
  u64 epoch = load64(p->epoch), own = load64(k->epoch);
  CHECK(epoch >= own, CHECKPOINT_EPOCH_PAST);
  CHECK(epoch <= own, CHECKPOINT_EPOCH_AHEAD);
  CHECK(load64(p->height) > load64(k->height), CHECKPOINT_HEIGHT);
  CHECK(load64(p->time) >= load64(k->time), CHECKPOINT_TIME);
  CHECK(equal(p->set, k->set, 32), CHECKPOINT_SET);
  return OK;
}

// begin: checkpoint 226. Opens the session that gathers its signatures; one that is open already is as good.
static u64 begin(context *c) {
  TRY(need_accounts(c, 4));
  account *target = &c->accounts[2];
  client *k;
  const checkpoint *p;
  TRY(need_client(c, &c->accounts[1], &k));
  TRY(as_checkpoint(c->arguments, &p));
  TRY(acceptable(k, p));
  u8 digest[32];
  hash(c->arguments, digest);
  if (equal(target->owner, c->program, 32)) {
    session *there;
    TRY(need_session(c, target, &there));
    CHECK(equal(there->digest, digest, 32), WRONG_ADDRESS);
    return OK;
  }
  new_account w = {&c->accounts[0], &c->accounts[3], target, 0, sizeof(session), {{TEXT("session"), {digest, 32}}, 2}, 0};
  TRY(create_ours(c, &w, TYPE_SESSION));
  session *s = (session *)target->data;
  copy(s->digest, digest, 32);
  copy((u8 *)&s->checkpoint, (const u8 *)p, sizeof *p);
  return OK;
}

// check_signature checks that the member signed the digest.
static u64 check_signature(const u8 digest[32], const signature *given, const member *by) {
  CHECK(given->v <= 1, SIGNATURE_V);
  CHECK(low_s(given->s), SIGNATURE_S);
  u8 key[64], address[32];
  CHECK(sol_secp256k1_recover(digest, given->v, given->r, key) == 0, SIGNATURE_RECOVER);
  hash((slice)BYTES(key), address);
  CHECK(equal(address + 12, by->address, 20), SIGNATURE_SIGNER);
  return OK;
}

// add_signatures: 1 to 12 of (member u8 | r 32 | s 32 | v u8). Those of members that signed before are passed over.
static u64 add_signatures(context *c) {
  TRY(need_accounts(c, 2));
  session *s;
  set *signers;
  TRY(need_session(c, &c->accounts[0], &s));
  TRY(need_writable(&c->accounts[0]));
  TRY(need_set(c, &c->accounts[1], &signers));
  CHECK(equal(signers->root, s->checkpoint.set, 32), SET_OTHER);
  CHECK(c->arguments.size > 0 && c->arguments.size % sizeof(signature) == 0, ARGUMENTS);
  u64 count = load16(signers->set), power = load64(s->power);
  while (c->arguments.size > 0) {
    const signature *given = (const signature *)take(&c->arguments, sizeof(signature));
    u64 i = given->index;
    CHECK(i < count, SIGNER_INDEX);
    u8 *bits = &s->signers[i >> 3], bit = (u8)(1 << (i & 7));
    if (*bits & bit) continue;
    const member *by = (const member *)(signers->set + 2) + i;
    TRY(check_signature(s->digest, given, by));
    *bits |= bit;
    power += load64(by->power);
  }
  store64(s->power, power);
  return OK;
}

// accept makes the checkpoint the client's head. The set is trusted from its time on, but not from a future time, which would keep it
// trusted for longer than the trust period, nor from a time before it was already.
static void accept(client *k, const session *s) {
  const checkpoint *p = &s->checkpoint;
  copy(k->height, p->height, 8);
  copy(k->time, p->time, 8);
  u64 time = load64(p->time), now = now_ms();
  if (time > now) time = now;
  if (time > load64(k->trusted_at)) store64(k->trusted_at, time);
  copy(k->digest, s->digest, 32);
  u64 count = load64(k->count);
  accepted *a = &k->ring[count % RING];
  copy(a->height, p->height, 8);
  copy(a->anchors, p->anchors, 32);
  copy(a->outbox, p->outbox, 32);
  store64(k->count, count + 1);
  store64(k->recovery_due, 0);
}

// finalize takes the checkpoint of a session that more than two thirds of the power have signed. One that ends its epoch needs
// the next set's account as well, so that a client always has the set of its epoch.
static u64 finalize(context *c) {
  TRY(need_accounts(c, 3));
  client *k;
  session *s;
  set *signers, *next;
  TRY(need_client(c, &c->accounts[0], &k));
  TRY(need_writable(&c->accounts[0]));
  TRY(need_session(c, &c->accounts[1], &s));
  TRY(need_set(c, &c->accounts[2], &signers));
  if (equal(k->digest, s->digest, 32)) return OK; // done before
  const checkpoint *p = &s->checkpoint;
  TRY(acceptable(k, p));
  CHECK(equal(signers->root, p->set, 32), SET_OTHER);
  CHECK(load64(s->power) * 3 > load64(signers->total) * 2, POWER); // powers are less than 2^62
  if (!equal(p->next_set, p->set, 32)) {
    TRY(need_accounts(c, 4));
    TRY(need_set(c, &c->accounts[3], &next));
    CHECK(equal(next->root, p->next_set, 32), SET_OTHER);
    copy(k->set, p->next_set, 32);
    store64(k->epoch, load64(k->epoch) + 1);
  }
  accept(k, s);
  return OK;
}

// accepted_at finds the roots at a height.
static u64 accepted_at(const client *k, const u8 height[8], const accepted **out) {
  u64 n = load64(k->count);
  for (u64 i = 0; i < RING && i < n; i++) {
    *out = &k->ring[(n - 1 - i) % RING];
    if (equal((*out)->height, height, 8)) return OK;
  }
  return E_ROOT_UNKNOWN;
}
