// Events: what the gateway tells IPDM. Each has an account until IPDM has had time to attest it, so that none is lost with a log.
#pragma once
#include "invoke.h"

typedef struct {
  u8 kind;
  const u8 *sender;
  const u8 *recipient;
  slice payload;
} outgoing;

// event_account finds the account of the next event among the last ones given: callers give the next few, as others may be quicker.
static u64 event_account(context *c, const pda *at, account **out) {
  u8 address[32], bump;
  TRY(find(at, c->program, address, &bump));
  for (u64 i = 0; i < c->n; i++) {
    *out = &c->accounts[i];
    if (is_key(*out, address)) return OK;
  }
  return E_EVENT_ACCOUNT;
}

// emit writes the next event. c's accounts are the candidates for it.
static u64 emit(context *c, account *payer, account *system, gateway *y, const outgoing *o) {
  account *target;
  u8 nonce[8];
  copy(nonce, y->events, 8);
  new_account w = {payer, system, 0, 0, sizeof(event_record) + o->payload.size, {{TEXT("event"), {nonce, 8}}, 2}, 0};
  TRY(event_account(c, &w.at, &target));
  w.target = target;
  TRY(create_ours(c, &w, TYPE_EVENT));
  event_record *r = (event_record *)target->data;
  event *e = &r->event;
  copy(e->tag, (const u8 *)"IPDM/ev/v1", sizeof e->tag);
  e->kind = o->kind;
  copy(e->domain, y->domain, 4);
  copy(e->application, c->program, 32);
  copy(e->nonce, nonce, 8);
  copy(e->sender, o->sender, 32);
  copy(e->recipient, o->recipient, 32);
  store64(e->time, now_ms());
  hash(o->payload, e->payload);
  copy(r->payload, o->payload.at, o->payload.size);
  store64(y->events, load64(nonce) + 1);
  slice shown[3] = {TEXT("event"), {(u8 *)e, sizeof *e}, o->payload};
  sol_log_data(shown, 3);
  return OK;
}
