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

// advance makes the window of now the current one.
static void advance(asset *a) {
  u64 index = now_ms() / 1000 / load64(a->window), last = load64(a->index);
  if (index <= last) return;
  if (index == last + 1) copy(a->previous, a->current, 8);
  else zero(a->previous, 8);
  zero(a->current, 8);
  store64(a->index, index);
}

// allowance is what the limit allows to release now. Time is cut into windows: what two neighbours release together is at most the
// limit, so that no span of a window's length, which touches two at most, sees more.
static u64 allowance(asset *a) {
  if (load64(a->window) == 0) return 0;
  advance(a);
  u64 limit = load64(a->limit), used = load64(a->current) + load64(a->previous);
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
  store64(a->current, load64(a->current) + p->units);
  pda at = {{TEXT("asset"), {a->id, 32}}, 2};
  movement m = {p->token_program, p->reserve, p->holding, p->asset, p->units, &at};
  token_move(&m, a->kind == ASSET_MINTED ? TOKEN_MINT_TO : TOKEN_TRANSFER);
}

static int is_paused(const gateway *y) { return now_ms() < load64(y->paused_until); }

// claim pays what is owed of a transfer as far as the limit allows. Anyone may call it; the tokens go to the recipient's account.
static u64 claim(context *c) {
  TRY(need_accounts(c, 7));
  account *owed_at = &c->accounts[1], *holding = &c->accounts[4];
  gateway *y;
  asset *a;
  TRY(need_gateway(c, &c->accounts[0], &y));
  CHECK(!is_paused(y), PAUSED);
  TRY(need_ours(c, owed_at, TYPE_OWED, sizeof(owed)));
  TRY(need_writable(owed_at));
  owed *o = (owed *)owed_at->data;
  pda at = {{TEXT("owed"), {o->nonce, 8}}, 2};
  TRY(need_address(c, owed_at, &at));
  TRY(need_asset(c, &c->accounts[2], &a));
  CHECK(equal(o->asset, a->id, 32), ASSET_OTHER);
  TRY(need_reserve(c, &c->accounts[3], a));
  TRY(need_token_program(&c->accounts[5]));
  holding_state state;
  TRY(recipient_account(holding, o->recipient, a->token, &state));
  CHECK(state == HOLDING_READY, RECIPIENT_ACCOUNT);
  u64 units = load64(o->units), left = allowance(a);
  CHECK(left > 0, LIMIT);
  payout p = {&c->accounts[5], &c->accounts[2], &c->accounts[3], holding, units < left ? units : left};
  release(&p);
  store64(o->units, units - p.units);
  if (units == p.units) return close_account(owed_at, &c->accounts[6]);
  return OK;
}
