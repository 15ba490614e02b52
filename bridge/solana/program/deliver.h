// Messages from IPDM: taken once each, before their timeout, on a proof against an accepted outbox root.
#pragma once
#include "client.h"
#include "control.h"
#include "events.h"
#include "outbox.h"

// owe keeps what is not released of a transfer, for its recipient to claim.
static u64 owe(const context *c, const delivery *d, account *target, const asset *a, u64 units) {
  const message *m = d->message;
  new_account w = {d->payer, d->system, target, 0, sizeof(owed), {{TEXT("owed"), {m->nonce, 8}}, 2}, 0};
  TRY(create_ours(c, &w, TYPE_OWED));
  owed *o = (owed *)target->data;
  copy(o->nonce, m->nonce, 8);
  copy(o->asset, a->id, 32);
  copy(o->recipient, m->recipient, 32);
  store64(o->units, units);
  return OK;
}

// deliver_transfer: asset 32 | amount u256. Accounts: asset, mint or vault, the recipient's associated token account, owed, token
// program. What the limit, a pause or a frozen account holds back is owed.
static u64 deliver_transfer(context *c, delivery *d) {
  TRY(need_accounts(c, 5));
  account *asset_at = &c->accounts[0], *reserve = &c->accounts[1], *holding = &c->accounts[2];
  account *owed_at = &c->accounts[3];
  asset *a;
  CHECK(d->payload.size == 64, ARGUMENTS);
  TRY(need_asset(c, asset_at, &a));
  CHECK(equal(a->id, d->payload.at, 32), ASSET_OTHER);
  TRY(need_reserve(c, reserve, a));
  TRY(need_token_program(&c->accounts[4]));
  holding_state state;
  TRY(recipient_account(holding, d->message->recipient, a->token, &state));
  payout p = {&c->accounts[4], asset_at, reserve, holding, 0};
  skip(c, 5);
  u64 units;
  u64 error = amount_units(d->payload.at + 32, scale_of(a), &units);
  if (error != OK || units == 0) return refuse(d, E_AMOUNT);
  if (state == HOLDING_GIVEN) return refuse(d, E_RECIPIENT_ACCOUNT);
  if (a->kind == ASSET_LOCKED) {
    u64 locked = load64(a->locked);
    CHECK(units <= locked, NOT_LOCKED);
    store64(a->locked, locked - units);
  }
  u64 left = is_paused(d->gateway) || state == HOLDING_FROZEN ? 0 : allowance(a);
  p.units = units < left ? units : left;
  if (p.units < units) TRY(owe(c, d, owed_at, a, units - p.units));
  if (p.units > 0) release(&p);
  return OK;
}

// deliver_call puts the payload in a mailbox that the recipient reads and closes. A call into the recipient would run with accounts
// of the relayer's choice, and one that fails could never be told from one that was given too little.
static u64 deliver_call(context *c, delivery *d) {
  TRY(need_accounts(c, 1));
  account *target = c->accounts;
  const message *m = d->message;
  slice in = d->payload;
  skip(c, 1);
  if (in.size > MAIL_MAX) return refuse(d, E_ARGUMENTS);
  new_account w = {d->payer, d->system, target, 0, sizeof(mail) + in.size, {{TEXT("mail"), {m->nonce, 8}}, 2}, 0};
  TRY(create_ours(c, &w, TYPE_MAIL));
  mail *box = (mail *)target->data;
  store64(box->time, now_ms());
  copy((u8 *)&box->message, (const u8 *)m, sizeof *m);
  copy(box->payload, in.at, in.size);
  return OK;
}

// take_nonce marks a message as taken, in the page of its nonce.
static u64 take_nonce(const context *c, const delivery *d, account *target) {
  u64 nonce = load64(d->message->nonce), bit = nonce % NONCES_PER_PAGE;
  u8 page[8];
  store64(page, nonce / NONCES_PER_PAGE);
  nonces *n = (nonces *)target->data;
  if (is_new(target)) {
    new_account w = {d->payer, d->system, target, 0, sizeof(nonces), {{TEXT("nonces"), {page, 8}}, 2}, 0};
    TRY(create_ours(c, &w, TYPE_NONCES));
    copy(n->page, page, 8);
  } else {
    pda at = {{TEXT("nonces"), {page, 8}}, 2};
    TRY(need_ours(c, target, TYPE_NONCES, sizeof(nonces)));
    TRY(need_address(c, target, &at));
    TRY(need_writable(target));
  }
  u8 *taken = &n->taken[bit >> 3], mask = (u8)(1 << (bit & 7));
  CHECK(!(*taken & mask), MESSAGE_TAKEN);
  *taken |= mask;
  return OK;
}

// check_message checks that IPDM sent this here and that it is in time.
static u64 check_message(const context *c, const client *k, const gateway *y, const message *m, slice *rest) {
  const u8 *height = take(rest, 8), *size = take(rest, 2);
  CHECK(height && size, ARGUMENTS);
  slice payload = {0, load16(size)};
  payload.at = take(rest, payload.size);
  CHECK(payload.at, ARGUMENTS);
  CHECK(equal(m->domain, y->domain, 4), MESSAGE_DOMAIN);
  CHECK(equal(m->application, c->program, 32), MESSAGE_APPLICATION);
  u8 digest[32];
  hash(payload, digest);
  CHECK(equal(digest, m->payload, 32), MESSAGE_PAYLOAD);
  const accepted *at;
  TRY(accepted_at(k, height, &at));
  TRY(outbox_check(at->outbox, m, *rest));
  u64 timeout = load64(m->timeout);
  CHECK(timeout == 0 || now_ms() < timeout, MESSAGE_TIMEOUT);
  *rest = payload;
  return OK;
}

// deliver: message 160 | height u64 | payload size u16 | payload | proof. Accounts: payer, client, gateway, nonces, system program,
// those of the kind of message, and the event, of the seeds "event" | nonce of the message.
static u64 deliver(context *c) {
  TRY(need_accounts(c, 5));
  account *payer = &c->accounts[0], *system = &c->accounts[4];
  client *k;
  gateway *y;
  const message *m;
  TRY(need_payer(payer));
  TRY(need_client(c, &c->accounts[1], &k));
  TRY(need_gateway(c, &c->accounts[2], &y));
  TRY(need_writable(&c->accounts[2]));
  slice head = {take(&c->arguments, sizeof(message)), sizeof(message)};
  CHECK(head.at, MESSAGE_FORMAT);
  TRY(as_message(head, &m));
  slice payload = c->arguments;
  TRY(check_message(c, k, y, m, &payload));
  delivery d = {y, m, payload, STATUS_DONE, payer, system};
  TRY(take_nonce(c, &d, &c->accounts[3]));
  skip(c, 5);

  switch (m->kind) {
  case KIND_TRANSFER:
    TRY(deliver_transfer(c, &d));
    break;
  case KIND_CALL:
    TRY(deliver_call(c, &d));
    break;
  case KIND_CONTROL:
    TRY(control(c, &d));
    break;
  default:
    return E_MESSAGE_FORMAT;
  }
  u8 told[9];
  copy(told, m->nonce, 8);
  told[8] = d.status;
  outgoing o = {KIND_DELIVERY, m->recipient, m->sender, BYTES(told), {{TEXT("event"), {m->nonce, 8}}, 2}};
  return emit(c, payer, system, y, &o);
}
