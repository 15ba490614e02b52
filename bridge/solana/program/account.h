// What the runtime hands to the program, and the checks of accounts that all instructions share.
#pragma once
#include "state.h"

enum { ACCOUNTS_MAX = 24, SEEDS_MAX = 4 };

typedef struct {
  const u8 *key;
  u8 *owner;
  u64 *lamports;
  u64 *size;
  u8 *data;
  u8 signer, writable, executable;
} account;

// context is one call of the program. Accounts and arguments are those behind what was read of them.
typedef struct {
  account *accounts;
  u64 n;
  slice arguments;
  const u8 *program;
} context;

// pda are the seeds of an address of the program's, but for the bump.
typedef struct {
  slice seed[SEEDS_MAX];
  u64 n;
} pda;

// parse reads the runtime's input: the accounts, each aligned to 8 bytes and with room to grow, then arguments and program id.
static u64 parse(u8 *in, account *accounts, context *c) {
  u64 n = *(u64 *)in;
  CHECK(n <= ACCOUNTS_MAX, ACCOUNTS_MANY);
  u8 *p = in + 8;
  for (u64 i = 0; i < n; i++) {
    account *a = &accounts[i];
    if (p[0] != 0xff) { // an account given before
      account *first = &accounts[p[0]];
      a->key = first->key;
      a->owner = first->owner;
      a->lamports = first->lamports;
      a->size = first->size;
      a->data = first->data;
      a->signer = first->signer;
      a->writable = first->writable;
      a->executable = first->executable;
      p += 8;
      continue;
    }
    a->signer = p[1];
    a->writable = p[2];
    a->executable = p[3];
    a->key = p + 8;
    a->owner = p + 40;
    a->lamports = (u64 *)(p + 72);
    a->size = (u64 *)(p + 80);
    a->data = p + 88;
    p += 88 + *a->size + 10240;
    p = (u8 *)(((u64)p + 7) & ~7UL) + 8; // 8 for the rent epoch
  }
  c->accounts = accounts;
  c->n = n;
  c->arguments.size = *(u64 *)p;
  c->arguments.at = p + 8;
  c->program = p + 8 + c->arguments.size;
  return OK;
}

// log_error logs the text of an error.
static void log_error(u64 error) {
  const char *text = error_text[error - ERROR_BASE - 1];
  u64 n = 0;
  while (text[n]) n++;
  sol_log_((const u8 *)text, n);
}

static u64 now_ms(void) {
  u64 clock[5];
  sol_get_clock_sysvar((u8 *)clock);
  return clock[4] * 1000; // unix_timestamp
}

static u64 need_accounts(const context *c, u64 n) {
  CHECK(c->n >= n, ACCOUNTS_MISSING);
  return OK;
}

// skip passes over the first accounts.
static void skip(context *c, u64 n) {
  c->accounts += n;
  c->n -= n;
}

static u64 need_signer(const account *a) {
  CHECK(a->signer, NOT_SIGNER);
  return OK;
}

static u64 need_writable(const account *a) {
  CHECK(a->writable, NOT_WRITABLE);
  return OK;
}

// need_payer checks the account that pays for others.
static u64 need_payer(const account *a) {
  TRY(need_signer(a));
  return need_writable(a);
}

static int is_key(const account *a, const u8 key[32]) { return equal(a->key, key, 32); }

static int is_new(const account *a) { return *a->size == 0 && is_zero(a->owner, 32); }

static header *header_of(const account *a) { return (header *)a->data; }

// need_ours checks that a is the program's account of that type, of at least that size.
static u64 need_ours(const context *c, const account *a, u8 type, u64 size) {
  CHECK(equal(a->owner, c->program, 32), WRONG_OWNER);
  CHECK(*a->size >= size && *a->data == type, WRONG_TYPE);
  return OK;
}

// need_address checks that a lies where the seeds and the bump in its header give.
static u64 need_address(const context *c, const account *a, pda *at) {
  u8 address[32];
  at->seed[at->n].at = &header_of(a)->bump;
  at->seed[at->n].size = 1;
  CHECK(sol_create_program_address(at->seed, at->n + 1, c->program, address) == 0 && is_key(a, address), WRONG_ADDRESS);
  return OK;
}

// find writes the address that the seeds give under a program.
static u64 find(const pda *at, const u8 *program, u8 address[32], u8 *bump) {
  CHECK(sol_try_find_program_address(at->seed, at->n, program, address, bump) == 0, WRONG_ADDRESS);
  return OK;
}

static u64 need_client(const context *c, const account *a, client **out) {
  pda at = {{TEXT("client")}, 1};
  TRY(need_ours(c, a, TYPE_CLIENT, sizeof(client)));
  TRY(need_address(c, a, &at));
  *out = (client *)a->data;
  return OK;
}

static u64 need_gateway(const context *c, const account *a, gateway **out) {
  pda at = {{TEXT("gateway")}, 1};
  TRY(need_ours(c, a, TYPE_GATEWAY, sizeof(gateway)));
  TRY(need_address(c, a, &at));
  *out = (gateway *)a->data;
  return OK;
}

static u64 need_set(const context *c, const account *a, set **out) {
  TRY(need_ours(c, a, TYPE_SET, sizeof(set) + 2 + sizeof(member)));
  pda at = {{TEXT("set"), {((set *)a->data)->root, 32}}, 2};
  TRY(need_address(c, a, &at));
  *out = (set *)a->data;
  return OK;
}

static u64 need_session(const context *c, const account *a, session **out) {
  TRY(need_ours(c, a, TYPE_SESSION, sizeof(session)));
  pda at = {{TEXT("session"), {((session *)a->data)->digest, 32}}, 2};
  TRY(need_address(c, a, &at));
  *out = (session *)a->data;
  return OK;
}

// close_account returns the rent of an account of the program's to who paid it.
static u64 close_account(account *a, account *payer) {
  TRY(need_writable(a));
  TRY(need_writable(payer));
  CHECK(is_key(payer, header_of(a)->payer), WRONG_KEY);
  CHECK(!is_key(payer, a->key), ARGUMENTS);
  *payer->lamports += *a->lamports;
  *a->lamports = 0;
  *a->size = 0;
  zero(a->owner, 32);
  return OK;
}
