// Events: what the gateway tells IPDM. Each has an account until IPDM has had time to attest it, so that none is lost with a log.
#pragma once
#include "invoke.h"

typedef struct {
  u8 kind;
  const u8 *sender;
  const u8 *recipient;
  slice payload;
  pda at; // of the event's account
} outgoing;

// emit writes the next event. Its account does not depend on its nonce, which others move: the gateway names the accounts of the last
// events, and each event that of the one whose place it took there.
static u64 emit(context *c, account *payer, account *system, gateway *y, const outgoing *o) {
  TRY(need_accounts(c, 1));
  account *target = &c->accounts[0];
  new_account w = {payer, system, target, 0, sizeof(event_record) + o->payload.size, o->at, 0};
  TRY(create_ours(c, &w, TYPE_EVENT));
  event_record *r = (event_record *)target->data;
  event *e = &r->event;
  u64 nonce = load64(y->events);
  u8 *slot = y->recent[nonce % EVENTS_RING];
  copy(r->before, slot, 32);
  copy(slot, target->key, 32);
  copy(e->tag, (const u8 *)"IPDM/ev/v1", sizeof e->tag);
  e->kind = o->kind;
  copy(e->domain, y->domain, 4);
  copy(e->application, c->program, 32);
  store64(e->nonce, nonce);
  copy(e->sender, o->sender, 32);
  copy(e->recipient, o->recipient, 32);
  store64(e->time, now_ms());
  hash(o->payload, e->payload);
  copy(r->payload, o->payload.at, o->payload.size);
  store64(y->events, nonce + 1);
  slice shown[3] = {TEXT("event"), {(u8 *)e, sizeof *e}, o->payload};
  sol_log_data(shown, 3);
  return OK;
}
