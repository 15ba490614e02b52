// Control messages: what IPDM's governance decides about the gateway.
#pragma once
#include "assets.h"

// delivery is a message that is being taken.
typedef struct {
  gateway *gateway;
  const message *message;
  slice payload;
  u8 status;
  account *payer, *system; // for the accounts it makes
} delivery;

// refuse takes a message that can never be executed, so that IPDM gives back at once what it carries.
static u64 refuse(delivery *d, u64 error) {
  sol_log_((const u8 *)"refused:", 8);
  log_error(error);
  d->status = STATUS_REFUSED;
  return OK;
}

// is_registered tells whether there is an asset of that id already, at the address where it would be.
static u64 is_registered(const context *c, const account *a, const u8 id[32], int *there) {
  *there = 0;
  if (!equal(a->owner, c->program, 32)) return OK;
  asset *found;
  TRY(need_asset(c, a, &found));
  CHECK(equal(found->id, id, 32), ASSET_OTHER);
  *there = 1;
  return OK;
}

static u64 create_asset(const context *c, const delivery *d, account *target, const u8 id[32], u8 kind) {
  new_account w = {d->payer, d->system, target, 0, sizeof(asset), {{TEXT("asset"), {id, 32}}, 2}, 0};
  TRY(create_ours(c, &w, TYPE_ASSET));
  asset *a = (asset *)target->data;
  copy(a->id, id, 32);
  a->kind = kind;
  return OK;
}

// register_minted: asset 32 | decimals u8 | symbol length u8 | symbol. Makes the mint. Accounts: asset, mint, token program.
static u64 register_minted(context *c, delivery *d) {
  TRY(need_accounts(c, 3));
  slice in = d->payload;
  account *mint = &c->accounts[1];
  const u8 *id = take(&in, 32), *decimals = take(&in, 1), *symbol = take(&in, 1);
  CHECK(symbol && *symbol >= 1 && *symbol <= 16 && in.size == *symbol && *decimals <= ASSET_DECIMALS_MAX, MESSAGE_CONTROL);
  TRY(need_token_program(&c->accounts[2]));
  int there;
  TRY(is_registered(c, &c->accounts[0], id, &there));
  if (there) {
    skip(c, 3);
    return refuse(d, E_EXISTS);
  }
  TRY(create_asset(c, d, &c->accounts[0], id, ASSET_MINTED));
  asset *a = (asset *)c->accounts[0].data;
  a->decimals = *decimals;
  copy(a->token, mint->key, 32);
  copy(a->symbol, symbol, 1 + *symbol);
  new_account w = {d->payer, d->system, mint, token_program, MINT_SIZE, {{TEXT("mint"), {id, 32}}, 2}, 0};
  TRY(create(c, &w));
  token_init_mint(&c->accounts[2], mint, *decimals < TOKEN_DECIMALS_MAX ? *decimals : TOKEN_DECIMALS_MAX, c->accounts[0].key);
  skip(c, 3);
  return OK;
}

// register_locked: asset 32 | token 32. Makes the vault. Accounts: asset, vault, the token's mint, token program.
static u64 register_locked(context *c, delivery *d) {
  TRY(need_accounts(c, 4));
  slice in = d->payload;
  account *vault = &c->accounts[1], *mint = &c->accounts[2];
  u8 expected[32];
  CHECK(in.size == 64, MESSAGE_CONTROL);
  asset_id(d->gateway->domain, in.at + 32, expected);
  CHECK(equal(in.at, expected, 32), ASSET_ID);
  CHECK(is_key(mint, in.at + 32), WRONG_ADDRESS);
  CHECK(is_mint(mint), TOKEN_MINT);
  TRY(need_token_program(&c->accounts[3]));
  int there;
  TRY(is_registered(c, &c->accounts[0], in.at, &there));
  if (there) {
    skip(c, 4);
    return refuse(d, E_EXISTS);
  }
  TRY(create_asset(c, d, &c->accounts[0], in.at, ASSET_LOCKED));
  copy(((asset *)c->accounts[0].data)->token, mint->key, 32);
  new_account w = {d->payer, d->system, vault, token_program, HOLDING_SIZE, {{TEXT("vault"), {in.at, 32}}, 2}, 0};
  TRY(create(c, &w));
  token_init_holding(&c->accounts[3], vault, mint, c->accounts[0].key);
  skip(c, 4);
  return OK;
}

// decide notes which message decided something last. Messages may come in any order: one before that comes too late.
static int decide(u8 decided[8], const message *m) {
  u64 nonce = load64(m->nonce);
  if (load64(decided) > nonce) return 0;
  store64(decided, nonce + 1);
  return 1;
}

// set_limit: asset 32 | amount u256 | window u32 in seconds. The amount is rounded down to what the token can express. What was released
// counts in the new window.
static u64 set_limit(context *c, delivery *d) {
  TRY(need_accounts(c, 1));
  asset *a;
  slice in = d->payload;
  CHECK(in.size == 68, MESSAGE_CONTROL);
  u64 window = load32(in.at + 64);
  CHECK(window != 0, MESSAGE_CONTROL);
  TRY(need_asset(c, &c->accounts[0], &a));
  CHECK(equal(in.at, a->id, 32), ASSET_OTHER);
  skip(c, 1);
  if (!decide(a->decided, d->message)) return refuse(d, E_DECIDED);
  if (load64(a->window) != 0) advance(a);
  store64(a->current, load64(a->current) + load64(a->previous));
  zero(a->previous, 8);
  store64(a->limit, amount_floor(in.at + 32, scale_of(a)));
  store64(a->window, window);
  store64(a->index, now_ms() / 1000 / window);
  return OK;
}

// name_guardian: address 32.
static u64 name_guardian(delivery *d) {
  CHECK(d->payload.size == 32, MESSAGE_CONTROL);
  if (!decide(d->gateway->decided, d->message)) return refuse(d, E_DECIDED);
  copy(d->gateway->guardian, d->payload.at, 32);
  return OK;
}

// control does what a control message says: operation u8 and its arguments.
static u64 control(context *c, delivery *d) {
  const u8 *operation = take(&d->payload, 1);
  CHECK(operation && is_zero(d->message->sender, 32), MESSAGE_CONTROL);
  switch (*operation) {
  case 1:
    return register_minted(c, d);
  case 2:
    return register_locked(c, d);
  case 3:
    return set_limit(c, d);
  case 4:
    return name_guardian(d);
  case 5:
    CHECK(d->payload.size == 0, MESSAGE_CONTROL);
    zero(d->gateway->paused_until, 8);
    return OK;
  }
  return E_MESSAGE_CONTROL;
}
