// Closing accounts that are of no more use; their rent returns to who paid it.
#pragma once
#include "buffer.h"
#include "client.h"

// A session is over when its checkpoint can no longer be accepted.
static u64 may_close_session(const client *k, const session *s) {
  u64 epoch = load64(s->checkpoint.epoch);
  int over = epoch < load64(k->epoch) || load64(s->checkpoint.height) <= load64(k->height);
  CHECK(over, SESSION_OPEN);
  return OK;
}

// An event may go when IPDM's own clock, as checkpoints show it, is so far past it that IPDM has attested it: while IPDM stands still
// none does.
static u64 may_close_event(const client *k, const gateway *y, const event_record *r) {
  CHECK(load64(k->time) >= load64(r->event.time) + load64(y->retention), EVENT_KEPT);
  return OK;
}

// A mailbox is its recipient's: a wallet signs itself, a program with its address of the seeds "ipdm-mail" | bump, which is given. Who has
// paid for it may close it when nobody has read it for long.
static u64 may_close_mail(const context *c, const account *by, const mail *box) {
  TRY(need_signer(by));
  if (is_key(by, box->message.recipient)) return OK;
  if (is_key(by, box->h.payer) && c->arguments.size == 0) {
    CHECK(now_ms() >= load64(box->time) + MAIL_KEPT_MS, MAIL_KEPT);
    return OK;
  }
  CHECK(c->arguments.size == 1, WRONG_KEY);
  u8 address[32];
  slice seeds[2] = {TEXT("ipdm-mail"), c->arguments};
  CHECK(sol_create_program_address(seeds, 2, box->message.recipient, address) == 0 && is_key(by, address), WRONG_KEY);
  return OK;
}

// may_close_own lets the payer close what only serves himself.
static u64 may_close_own(const account *by, const header *h) {
  TRY(need_signer(by));
  CHECK(is_key(by, h->payer), WRONG_KEY);
  return OK;
}

// close: no arguments, or the bump of a program that closes its mailbox. Accounts: the account, its payer, client, who closes it, and for
// events the gateway.
static u64 close(context *c) {
  TRY(need_accounts(c, 4));
  account *target = &c->accounts[0], *by = &c->accounts[3];
  client *k;
  CHECK(equal(target->owner, c->program, 32), WRONG_OWNER);
  CHECK(*target->size >= sizeof(header) + 8, WRONG_TYPE); // each case checks the rest
  TRY(need_client(c, &c->accounts[2], &k));
  switch (*target->data) {
  case TYPE_SESSION: {
    session *s;
    TRY(need_session(c, target, &s));
    TRY(may_close_session(k, s));
    break;
  }
  case TYPE_SET: {
    set *s;
    TRY(need_set(c, target, &s));
    TRY(may_close_own(by, &s->h));
    CHECK(!equal(s->root, k->set, 32), SET_IN_USE);
    break;
  }
  case TYPE_BUFFER: {
    buffer *b;
    TRY(need_buffer(c, target, &b));
    TRY(may_close_own(by, &b->h));
    break;
  }
  case TYPE_RECORD: {
    pda at = {{TEXT("anchor"), {((record *)target->data)->key, 32}}, 2};
    TRY(need_ours(c, target, TYPE_RECORD, sizeof(record)));
    TRY(need_address(c, target, &at));
    TRY(may_close_own(by, header_of(target)));
    break;
  }
  case TYPE_EVENT: {
    event_record *r = (event_record *)target->data;
    TRY(need_ours(c, target, TYPE_EVENT, sizeof(event_record))); // only emit writes that type, at the address of its seeds
    gateway *y;
    TRY(need_accounts(c, 5));
    TRY(need_gateway(c, &c->accounts[4], &y));
    TRY(may_close_event(k, y, r));
    break;
  }
  case TYPE_MAIL: {
    mail *box = (mail *)target->data;
    pda at = {{TEXT("mail"), {box->message.nonce, 8}}, 2};
    TRY(need_ours(c, target, TYPE_MAIL, sizeof(mail)));
    TRY(need_address(c, target, &at));
    TRY(may_close_mail(c, by, box));
    break;
  }
  default:
    return E_WRONG_TYPE;
  }
  return close_account(target, &c->accounts[1]);
}
