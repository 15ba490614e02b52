// Value and calls on their way to IPDM.
#pragma once
#include "assets.h"
#include "events.h"

// send: id u64 | recipient 32 | units u64 of the token. Burns what was minted here and locks what is this chain's own. Accounts: payer,
// sender, gateway, asset, mint or vault, the sender's token account, token program, system program, and the event, of the seeds "event" |
// sender | id. The sender chooses the id, at random for that none is there yet.
static u64 send(context *c) {
  TRY(need_accounts(c, 8));
  account *payer = &c->accounts[0], *sender = &c->accounts[1], *reserve = &c->accounts[4], *holding = &c->accounts[5];
  gateway *y;
  asset *a;
  TRY(need_payer(payer));
  TRY(need_signer(sender));
  TRY(need_gateway(c, &c->accounts[2], &y));
  TRY(need_writable(&c->accounts[2]));
  TRY(need_asset(c, &c->accounts[3], &a));
  TRY(need_reserve(c, reserve, a));
  TRY(need_writable(holding));
  TRY(need_token_program(&c->accounts[6]));
  CHECK(c->arguments.size == 48, ARGUMENTS);
  const u8 *id = take(&c->arguments, 8), *recipient = take(&c->arguments, 32);
  u64 units = load64(c->arguments.at);
  CHECK(units > 0, AMOUNT);
  CHECK(!is_zero(recipient, 32), NO_RECIPIENT);
  CHECK(!is_key(holding, reserve->key), ARGUMENTS);
  movement m = {&c->accounts[6], holding, reserve, sender, units, 0};
  token_move(&m, a->kind == ASSET_MINTED ? TOKEN_BURN : TOKEN_TRANSFER);
  if (a->kind == ASSET_LOCKED) store64(a->locked, load64(a->locked) + units);
  u8 payload[64];
  copy(payload, a->id, 32);
  amount_bytes(units, scale_of(a), payload + 32);
  outgoing o = {KIND_TRANSFER, sender->key, recipient, BYTES(payload), {{TEXT("event"), {sender->key, 32}, {id, 8}}, 3}};
  account *system = &c->accounts[7];
  skip(c, 8);
  return emit(c, payer, system, y, &o);
}

// send_call: id u64 | recipient 32 | payload. Accounts: payer, sender, gateway, system program, and the event as of send.
static u64 send_call(context *c) {
  TRY(need_accounts(c, 4));
  account *payer = &c->accounts[0], *sender = &c->accounts[1], *system = &c->accounts[3];
  gateway *y;
  TRY(need_payer(payer));
  TRY(need_signer(sender));
  TRY(need_gateway(c, &c->accounts[2], &y));
  TRY(need_writable(&c->accounts[2]));
  const u8 *id = take(&c->arguments, 8), *recipient = take(&c->arguments, 32);
  CHECK(recipient && c->arguments.size <= CALL_MAX, ARGUMENTS);
  CHECK(!is_zero(recipient, 32), NO_RECIPIENT);
  outgoing o = {KIND_CALL, sender->key, recipient, c->arguments, {{TEXT("event"), {sender->key, 32}, {id, 8}}, 3}};
  skip(c, 4);
  return emit(c, payer, system, y, &o);
}
