// IPDM's program on Solana: a light client of IPDM's checkpoints, proofs of anchored manifests, and the gateway for messages and
// value. docs/spec/bridge-solana.md describes it. One translation unit; `make solana-program` builds it.
#include "anchor.h"
#include "buffer.h"
#include "close.h"
#include "deliver.h"
#include "pause.h"
#include "recovery.h"
#include "send.h"

enum {
  INITIALIZE,
  WRITE_BUFFER,
  PUT_SET,
  BEGIN,
  ADD_SIGNATURES,
  FINALIZE,
  CLOSE,
  PROVE_ANCHOR,
  DELIVER,
  CLAIM,
  SEND,
  SEND_CALL,
  PAUSE,
  PROPOSE_RECOVERY,
  CANCEL_RECOVERY,
  EXECUTE_RECOVERY,
  FROM_BUFFER = 0x80, // the arguments are in the buffer that is the first account
};

static u64 dispatch(context *c) {
  const u8 *instruction = take(&c->arguments, 1);
  CHECK(instruction, UNKNOWN_INSTRUCTION);
  if (*instruction & FROM_BUFFER) TRY(read_buffer(c));
  switch (*instruction & ~FROM_BUFFER) {
  case INITIALIZE:
    return initialize(c);
  case WRITE_BUFFER:
    return write_buffer(c);
  case PUT_SET:
    return put_set(c);
  case BEGIN:
    return begin(c);
  case ADD_SIGNATURES:
    return add_signatures(c);
  case FINALIZE:
    return finalize(c);
  case CLOSE:
    return close(c);
  case PROVE_ANCHOR:
    return prove_anchor(c);
  case DELIVER:
    return deliver(c);
  case CLAIM:
    return claim(c);
  case SEND:
    return send(c);
  case SEND_CALL:
    return send_call(c);
  case PAUSE:
    return pause(c);
  case PROPOSE_RECOVERY:
    return propose_recovery(c);
  case CANCEL_RECOVERY:
    return cancel_recovery(c);
  case EXECUTE_RECOVERY:
    return execute_recovery(c);
  }
  return E_UNKNOWN_INSTRUCTION;
}

// entrypoint is what the runtime calls: 0 is success, anything else fails the transaction with that code.
u64 entrypoint(u8 *in) {
  account accounts[ACCOUNTS_MAX];
  context c;
  u64 error = parse(in, accounts, &c);
  if (error == OK) error = dispatch(&c);
  if (error != OK) log_error(error);
  return error;
}
