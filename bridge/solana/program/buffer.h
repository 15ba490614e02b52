// Buffers carry arguments that are too long for one transaction: an instruction with its highest bit set takes them from a buffer.
#pragma once
#include "invoke.h"

static u64 need_buffer(const context *c, const account *a, buffer **out) {
  TRY(need_ours(c, a, TYPE_BUFFER, sizeof(buffer)));
  buffer *b = (buffer *)a->data;
  pda at = {{TEXT("buffer"), {b->h.payer, 32}, {b->id, 8}}, 3};
  TRY(need_address(c, a, &at));
  *out = b;
  return OK;
}

// write_buffer: id u64 | size u16 | offset u16 | bytes. Makes the buffer where there is none.
static u64 write_buffer(context *c) {
  TRY(need_accounts(c, 3));
  account *payer = &c->accounts[0], *target = &c->accounts[1], *system = &c->accounts[2];
  const u8 *id = take(&c->arguments, 8), *sizes = take(&c->arguments, 4);
  CHECK(id && sizes, ARGUMENTS);
  u64 size = load16(sizes), offset = load16(sizes + 2);
  CHECK(size <= BUFFER_MAX && offset + c->arguments.size <= size, BUFFER_RANGE);
  TRY(need_payer(payer));
  if (is_new(target)) {
    new_account w = {payer, system, target, 0, sizeof(buffer) + size, {{TEXT("buffer"), {payer->key, 32}, {id, 8}}, 3}, 0};
    TRY(create_ours(c, &w, TYPE_BUFFER));
    copy(((buffer *)target->data)->id, id, 8);
  }
  buffer *b;
  TRY(need_buffer(c, target, &b));
  TRY(need_writable(target));
  CHECK(is_key(payer, b->h.payer), WRONG_KEY);
  CHECK(equal(b->id, id, 8) && *target->size == sizeof(buffer) + size, BUFFER_RANGE);
  copy(b->body + offset, c->arguments.at, c->arguments.size);
  return OK;
}

// read_buffer takes the arguments from the first account.
static u64 read_buffer(context *c) {
  TRY(need_accounts(c, 1));
  CHECK(c->arguments.size == 0, ARGUMENTS);
  buffer *b;
  TRY(need_buffer(c, &c->accounts[0], &b));
  c->arguments.at = b->body;
  c->arguments.size = *c->accounts[0].size - sizeof(buffer);
  skip(c, 1);
  return OK;
}
