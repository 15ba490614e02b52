// Calls of other programs, and new accounts by calls of the system program.
#pragma once
#include "account.h"

enum { INVOKE_ACCOUNTS_MAX = 4 };

// These three are the runtime's structures, as in the C headers of the Solana SDK.
typedef struct {
  const u8 *key;
  u8 writable, signer;
} invoke_meta;

typedef struct {
  const u8 *program;
  const invoke_meta *metas;
  u64 metas_n;
  const u8 *data;
  u64 size;
} invoke_instruction;

typedef struct {
  const u8 *key;
  u64 *lamports;
  u64 size;
  u8 *data;
  u8 *owner;
  u64 rent_epoch;
  u8 signer, writable, executable;
} invoke_info;

typedef struct {
  const slice *seeds;
  u64 n;
} invoke_signer;

// invocation is a call. An address of the program's may sign it.
typedef struct {
  const account *program;
  account *accounts[INVOKE_ACCOUNTS_MAX];
  u8 writable[INVOKE_ACCOUNTS_MAX], signer[INVOKE_ACCOUNTS_MAX];
  u64 n;
  slice data;
  const pda *signs;
  u8 bump;
} invocation;

// invoke makes the call; if it fails, so does the transaction.
static void invoke(const invocation *call) {
  invoke_meta metas[INVOKE_ACCOUNTS_MAX];
  invoke_info infos[INVOKE_ACCOUNTS_MAX];
  for (u64 i = 0; i < call->n; i++) {
    account *a = call->accounts[i];
    metas[i].key = a->key;
    metas[i].writable = call->writable[i];
    metas[i].signer = call->signer[i];
    infos[i].key = a->key;
    infos[i].lamports = a->lamports;
    infos[i].size = *a->size;
    infos[i].data = a->data;
    infos[i].owner = a->owner;
    infos[i].rent_epoch = 0;
    infos[i].signer = a->signer;
    infos[i].writable = a->writable;
    infos[i].executable = a->executable;
  }
  slice seeds[SEEDS_MAX];
  u64 n = 0;
  if (call->signs) {
    for (; n < call->signs->n; n++) seeds[n] = call->signs->seed[n];
    seeds[n].at = &call->bump;
    seeds[n++].size = 1;
  }
  invoke_instruction instruction = {call->program->key, metas, call->n, call->data.at, call->data.size};
  invoke_signer signer = {seeds, n};
  sol_invoke_signed_c(&instruction, infos, call->n, &signer, n ? 1 : 0);
}

// rent_of computes the lamports that keep an account of that size.
static u64 rent_of(u64 size, u64 *lamports) {
  u64 rent[3];
  sol_get_rent_sysvar((u8 *)rent);
  u64 threshold = rent[1]; // a double: 2, or 1 where the price is per byte already
  CHECK(threshold == 0x4000000000000000 || threshold == 0x3ff0000000000000, RENT);
  *lamports = (128 + size) * rent[0] << (threshold == 0x4000000000000000);
  return OK;
}

// new_account describes an account to create. The payer signs.
typedef struct {
  account *payer;
  account *system;
  account *target;
  const u8 *owner;
  u64 size;
  pda at;
  u8 bump;
} new_account;

static void allocate(const new_account *w, u64 lamports) {
  u8 transfer[12] = {2}, space[12] = {8}, assign[36] = {1};
  invocation call = {0};
  call.program = w->system;
  if (*w->target->lamports < lamports) { // someone may have sent some before
    store64_le(transfer + 4, lamports - *w->target->lamports);
    call.accounts[0] = w->payer;
    call.accounts[1] = w->target;
    call.writable[0] = call.signer[0] = call.writable[1] = 1;
    call.n = 2;
    call.data.at = transfer;
    call.data.size = sizeof transfer;
    invoke(&call);
  }
  call.accounts[0] = w->target;
  call.writable[0] = call.signer[0] = 1;
  call.n = 1;
  call.signs = &w->at;
  call.bump = w->bump;
  store64_le(space + 4, w->size);
  call.data.at = space;
  call.data.size = sizeof space;
  invoke(&call);
  copy(assign + 4, w->owner, 32);
  call.data.at = assign;
  call.data.size = sizeof assign;
  invoke(&call);
}

// create makes the account, full of zeros, at the address that the seeds give; owner says whose it becomes.
static u64 create(const context *c, new_account *w) {
  u8 address[32];
  TRY(need_payer(w->payer));
  TRY(need_writable(w->target));
  CHECK(is_key(w->system, zeros), WRONG_PROGRAM); // the system program's address
  TRY(find(&w->at, c->program, address, &w->bump));
  CHECK(is_key(w->target, address), WRONG_ADDRESS);
  CHECK(is_new(w->target), EXISTS);
  u64 lamports;
  TRY(rent_of(w->size, &lamports));
  allocate(w, lamports);
  return OK;
}

// create_ours makes an account of the program's own and writes its header.
static u64 create_ours(const context *c, new_account *w, u8 type) {
  w->owner = c->program;
  TRY(create(c, w));
  header *h = header_of(w->target);
  h->type = type;
  h->bump = w->bump;
  copy(h->payer, w->payer->key, 32);
  return OK;
}
