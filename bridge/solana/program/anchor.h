// Proofs that a manifest is anchored on IPDM.
#pragma once
#include "client.h"
#include "trie.h"

// store_record keeps what was proved at the newest height in an account that other programs can read without a call.
static u64 store_record(context *c, const u8 height[8], const u8 key[32], slice value) {
  TRY(need_accounts(c, 3));
  account *target = &c->accounts[1];
  if (is_new(target)) {
    new_account w = {&c->accounts[0], &c->accounts[2], target, 0, sizeof(record), {{TEXT("anchor"), {key, 32}}, 2}, 0};
    TRY(create_ours(c, &w, TYPE_RECORD));
    copy(((record *)target->data)->key, key, 32);
  } else {
    pda at = {{TEXT("anchor"), {key, 32}}, 2};
    TRY(need_ours(c, target, TYPE_RECORD, sizeof(record)));
    TRY(need_address(c, target, &at));
    TRY(need_writable(target));
    if (load64(height) < load64(((record *)target->data)->height)) return OK;
  }
  record *r = (record *)target->data;
  copy(r->height, height, 8);
  copy(r->record, value.at, RECORD_SIZE);
  return OK;
}

// prove_anchor: height u64 | key 32 | store u8 | trie nodes. Returns the record as return data and logs key and record.
static u64 prove_anchor(context *c) {
  TRY(need_accounts(c, 1));
  client *k;
  const accepted *at;
  TRY(need_client(c, &c->accounts[0], &k));
  const u8 *height = take(&c->arguments, 8), *key = take(&c->arguments, 32), *store = take(&c->arguments, 1);
  CHECK(height && key && store && *store <= 1, ARGUMENTS);
  TRY(accepted_at(k, height, &at));
  slice value;
  TRY(trie_value(at->anchors, key, c->arguments, &value));
  CHECK(value.size == RECORD_SIZE && value.at[0] == 1, RECORD_FORMAT);
  skip(c, 1);
  if (*store) TRY(store_record(c, height, key, value));
  slice shown[3] = {TEXT("anchor"), {key, 32}, value};
  sol_log_data(shown, 3);
  sol_set_return_data(value.at, value.size);
  return OK;
}
