// Calls of the SPL token program, and the few fields of its accounts that matter here.
#pragma once
#include "invoke.h"

enum { MINT_SIZE = 82, MINT_INITIALIZED = 45, HOLDING_SIZE = 165, HOLDING_STATE = 108 };

// TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA
static const u8 token_program[32] = {6,  221, 246, 225, 215, 101, 161, 147, 217, 203, 225, 70,  206, 235, 121, 172,
                                     28, 180, 133, 237, 95,  91,  55,  145, 58,  140, 245, 133, 126, 255, 0,   169};
// ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL
static const u8 associated_program[32] = {140, 151, 37, 143, 78, 36,  137, 241, 187, 61,  16,  41, 20, 142, 13, 131,
                                          11,  90,  19, 153, 218, 255, 16, 132, 4,   142, 123, 216, 219, 233, 248, 89};

static u64 need_token_program(const account *a) {
  CHECK(is_key(a, token_program), WRONG_PROGRAM);
  return OK;
}

static int is_mint(const account *a) {
  return equal(a->owner, token_program, 32) && *a->size == MINT_SIZE && a->data[MINT_INITIALIZED] == 1;
}

// holding_state is whether a recipient's token account can take tokens: a frozen one may later, one given to somebody else may not.
typedef enum { HOLDING_READY, HOLDING_FROZEN, HOLDING_GIVEN } holding_state;

// recipient_account checks that a is the associated token account of a wallet.
static u64 recipient_account(const account *a, const u8 wallet[32], const u8 mint[32], holding_state *state) {
  u8 address[32], bump;
  pda at = {{{wallet, 32}, {token_program, 32}, {mint, 32}}, 3};
  TRY(find(&at, associated_program, address, &bump));
  CHECK(is_key(a, address), WRONG_ADDRESS);
  TRY(need_writable(a));
  CHECK(equal(a->owner, token_program, 32) && *a->size == HOLDING_SIZE, RECIPIENT_ACCOUNT);
  int own = equal(a->data, mint, 32) && equal(a->data + 32, wallet, 32);
  *state = !own ? HOLDING_GIVEN : a->data[HOLDING_STATE] == 1 ? HOLDING_READY : HOLDING_FROZEN;
  return OK;
}

// movement is a call of the token program with an amount: from is source or mint, to is destination or mint.
typedef struct {
  const account *program;
  account *from, *to, *authority;
  u64 units;
  const pda *signs; // for the authority, where that is an address of the program's
} movement;

enum { TOKEN_TRANSFER = 3, TOKEN_MINT_TO = 7, TOKEN_BURN = 8 };

static void token_move(const movement *m, u8 operation) {
  u8 data[9] = {operation};
  store64_le(data + 1, m->units);
  invocation call = {0};
  call.program = m->program;
  call.accounts[0] = m->from;
  call.accounts[1] = m->to;
  call.accounts[2] = m->authority;
  call.writable[0] = call.writable[1] = call.signer[2] = 1;
  call.n = 3;
  call.data.at = data;
  call.data.size = sizeof data;
  call.signs = m->signs;
  if (m->signs) call.bump = header_of(m->authority)->bump;
  invoke(&call);
}

// token_init_mint makes a fresh account a mint that nobody can freeze.
static void token_init_mint(const account *program, account *mint, u8 decimals, const u8 *authority) {
  u8 data[35] = {20, decimals};
  copy(data + 2, authority, 32);
  invocation call = {0};
  call.program = program;
  call.accounts[0] = mint;
  call.writable[0] = 1;
  call.n = 1;
  call.data.at = data;
  call.data.size = sizeof data;
  invoke(&call);
}

// token_init_holding makes a fresh account hold tokens of the mint for owner.
static void token_init_holding(const account *program, account *holding, account *mint, const u8 *owner) {
  u8 data[33] = {18};
  copy(data + 1, owner, 32);
  invocation call = {0};
  call.program = program;
  call.accounts[0] = holding;
  call.accounts[1] = mint;
  call.writable[0] = 1;
  call.n = 2;
  call.data.at = data;
  call.data.size = sizeof data;
  invoke(&call);
}
