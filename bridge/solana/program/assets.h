// Assets: IPDM's, minted here, and this chain's, locked here. What a window's limit holds back is owed, and claimed later.
#pragma once
#include "token.h"

static u64 need_asset(const context *c, const account *a, asset **out) {
  TRY(need_ours(c, a, TYPE_ASSET, sizeof(asset)));
  pda at = {{TEXT("asset"), {((asset *)a->data)->id, 32}}, 2};
  TRY(need_address(c, a, &at));
  TRY(need_writable(a));
  *out = (asset *)a->data;
  return OK;
}

// scale_of is how many of the asset's units make one of the token.
static u64 scale_of(const asset *a) {
  u64 scale = 1;
  for (u64 d = a->decimals; a->kind == ASSET_MINTED && d > TOKEN_DECIMALS_MAX; d--) scale *= 10;
  return scale;
}

// need_reserve checks the account that an asset's tokens come from and go to: its mint, or the vault.
static u64 need_reserve(const context *c, const account *a, const asset *of) {
  TRY(need_writable(a));
  if (of->kind == ASSET_MINTED) {
    CHECK(is_key(a, of->token), WRONG_ADDRESS);
    return OK;
  }
  u8 address[32], bump;
  pda at = {{TEXT("vault"), {of->id, 32}}, 2};
  TRY(find(&at, c->program, address, &bump));
  CHECK(is_key(a, address), WRONG_ADDRESS);
  return OK;
}

// allowance opens a new window where the last is over, and tells what is left of the limit.
static u64 allowance(asset *a) {
  u64 window = load64(a->window), now = now_ms();
  if (window == 0) return ~0UL;
  if (now - load64(a->since) >= window) {
    store64(a->since, now);
    store64(a->used, 0);
  }
  u64 limit = load64(a->limit), used = load64(a->used);
  return used < limit ? limit - used : 0;
}

// payout is a release of an asset's tokens to a recipient.
typedef struct {
  const account *token_program;
  account *asset, *reserve, *holding;
  u64 units;
} payout;

// release mints or unlocks the tokens and counts them in the window.
static void release(const payout *p) {
  asset *a = (asset *)p->asset->data;
  if (load64(a->window) != 0) store64(a->used, load64(a->used) + p->units);
  pda at = {{TEXT("asset"), {a->id, 32}}, 2};
  movement m = {p->token_program, p->reserve, p->holding, p->asset, p->units, &at};
  token_move(&m, a->kind == ASSET_MINTED ? TOKEN_MINT_TO : TOKEN_TRANSFER);
}

// owe adds to what a recipient may claim.
static u64 owe(const context *c, new_account *w, const u8 asset_id[32], const u8 recipient[32], u64 units) {
  w->size = sizeof(owed);
  pda at = {{TEXT("owed"), {asset_id, 32}, {recipient, 32}}, 3};
  if (is_new(w->target)) {
    for (u64 i = 0; i < at.n; i++) w->at.seed[i] = at.seed[i];
    w->at.n = at.n;
    TRY(create_ours(c, w, TYPE_OWED));
    owed *o = (owed *)w->target->data;
    copy(o->asset, asset_id, 32);
    copy(o->recipient, recipient, 32);
  } else {
    TRY(need_ours(c, w->target, TYPE_OWED, sizeof(owed)));
    TRY(need_address(c, w->target, &at));
    TRY(need_writable(w->target));
  }
  owed *o = (owed *)w->target->data;
  u64 before = load64(o->units);
  CHECK(before + units >= before, AMOUNT);
  store64(o->units, before + units);
  return OK;
}

static u64 not_paused(const gateway *y) {
  CHECK(now_ms() >= load64(y->paused_until), PAUSED);
  return OK;
}

// claim pays what is owed as far as the window's limit allows. Anyone may call it; the tokens go to the recipient's account.
static u64 claim(context *c) {
  TRY(need_accounts(c, 7));
  account *owed_at = &c->accounts[1], *holding = &c->accounts[4];
  gateway *y;
  asset *a;
  TRY(need_gateway(c, &c->accounts[0], &y));
  TRY(not_paused(y));
  TRY(need_ours(c, owed_at, TYPE_OWED, sizeof(owed)));
  TRY(need_writable(owed_at));
  owed *o = (owed *)owed_at->data;
  pda at = {{TEXT("owed"), {o->asset, 32}, {o->recipient, 32}}, 3};
  TRY(need_address(c, owed_at, &at));
  TRY(need_asset(c, &c->accounts[2], &a));
  CHECK(equal(o->asset, a->id, 32), ASSET_OTHER);
  TRY(need_reserve(c, &c->accounts[3], a));
  TRY(need_token_program(&c->accounts[5]));
  int takes;
  TRY(recipient_account(holding, o->recipient, a->token, &takes));
  CHECK(takes, RECIPIENT_ACCOUNT);
  u64 units = load64(o->units), left = allowance(a);
  CHECK(left > 0, LIMIT);
  payout p = {&c->accounts[5], &c->accounts[2], &c->accounts[3], holding, units < left ? units : left};
  release(&p);
  store64(o->units, units - p.units);
  if (units == p.units) return close_account(owed_at, &c->accounts[6]);
  return OK;
}
