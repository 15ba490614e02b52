// The errors of the program: a transaction fails with the code and logs the text. docs/spec/bridge-solana.md lists them.
#pragma once
#include "bytes.h"

// Codes are 7001 and on, in this order, so that they are not mistaken for those of the system and token programs.
#define ERRORS(X)                                                                 \
  X(UNKNOWN_INSTRUCTION, "unknown instruction")                                   \
  X(ARGUMENTS, "arguments have the wrong length or value")                        \
  X(ACCOUNTS_MISSING, "fewer accounts than the instruction needs")                \
  X(ACCOUNTS_MANY, "more accounts than the program reads")                        \
  X(NOT_SIGNER, "account must sign")                                              \
  X(NOT_WRITABLE, "account must be writable")                                     \
  X(WRONG_OWNER, "account is not the program's")                                  \
  X(WRONG_TYPE, "account is of another type or size")                             \
  X(WRONG_ADDRESS, "account is not at the address its seeds give")                \
  X(WRONG_KEY, "signer is not the key that may do this")                          \
  X(WRONG_PROGRAM, "not the system or token program")                             \
  X(EXISTS, "account exists already")                                             \
  X(RENT, "rent sysvar has an unknown exemption threshold")                       \
  X(BUFFER_RANGE, "chunk lies outside the buffer")                                \
  X(SET_SIZE, "signer set has the wrong length or count")                         \
  X(SET_ORDER, "signer set is not in order")                                      \
  X(SET_MEMBER, "signer set has a member of no address or power, or twice")       \
  X(SET_POWER, "signer set's power is 2^62 or more")                              \
  X(SET_OTHER, "signer set has another root than the checkpoint")                 \
  X(CHECKPOINT_FORMAT, "not a checkpoint of version 1")                           \
  X(CHECKPOINT_CHAIN, "checkpoint is of another chain")                           \
  X(CHECKPOINT_EPOCH_PAST, "checkpoint is of a past signer epoch")                \
  X(CHECKPOINT_EPOCH_AHEAD, "checkpoint skips the end of the client's epoch")     \
  X(CHECKPOINT_HEIGHT, "checkpoint's height is not greater than the client's")    \
  X(CHECKPOINT_TIME, "checkpoint's time is before the client's")                  \
  X(CHECKPOINT_SET, "checkpoint is signed by another set than the client's")      \
  X(CLIENT_STALE, "client is older than its trust period: recover it")            \
  X(CLIENT_FRESH, "client is not stale: nothing to recover")                      \
  X(SIGNER_INDEX, "signature names a member the set does not have")               \
  X(SIGNATURE_V, "signature's recovery id is not 0 or 1")                         \
  X(SIGNATURE_S, "signature's s is over half the group order")                    \
  X(SIGNATURE_RECOVER, "signature gives no public key")                           \
  X(SIGNATURE_SIGNER, "signature is not by the member it names")                  \
  X(POWER, "signed power is not over two thirds")                                 \
  X(SESSION_OPEN, "session's checkpoint may still be accepted")                   \
  X(SET_IN_USE, "signer set is the client's")                                     \
  X(ROOT_UNKNOWN, "height is not one of the last 64 accepted")                    \
  X(TRIE_NODE, "proof has a malformed trie node")                                 \
  X(TRIE_HASH, "trie node does not hash to what points at it")                    \
  X(TRIE_PATH, "proof leads to another key: not anchored")                        \
  X(TRIE_SHORT, "proof ends before the value")                                    \
  X(TRIE_LONG, "proof goes on after the value")                                   \
  X(RECORD_FORMAT, "anchored value is not a record of version 1")                 \
  X(MESSAGE_FORMAT, "not a message of version 1")                                 \
  X(MESSAGE_DOMAIN, "message is for another domain")                              \
  X(MESSAGE_APPLICATION, "message is for another application")                    \
  X(MESSAGE_PAYLOAD, "payload does not hash to the message's")                    \
  X(MESSAGE_PROOF, "message is not in the outbox at that height")                 \
  X(MESSAGE_TIMEOUT, "message has timed out")                                     \
  X(MESSAGE_TAKEN, "message was taken before")                                    \
  X(MESSAGE_CONTROL, "control message is malformed or not from governance")       \
  X(ASSET_ID, "asset is not the hash of this domain and token")                   \
  X(ASSET_OTHER, "account is of another asset")                                   \
  X(TOKEN_MINT, "token is not a mint of the token program")                       \
  X(RECIPIENT_ACCOUNT, "recipient has no associated token account: create it")    \
  X(AMOUNT, "amount is zero or does not fit")                                     \
  X(NO_RECIPIENT, "recipient is zero")                                            \
  X(NOT_LOCKED, "less is locked than is to be released")                          \
  X(DECIDED, "a later message decided it")                                        \
  X(PAUSED, "release of value is paused")                                         \
  X(PAUSE_COOLDOWN, "pause again only after the cool-down")                       \
  X(LIMIT, "nothing is left of the limit: claim later")                           \
  X(MAIL_KEPT, "call still waits for its recipient")                              \
  X(EVENT_KEPT, "event may not be attested yet")                                  \
  X(RECOVERY_NONE, "no such recovery is proposed")                                \
  X(RECOVERY_EARLY, "recovery's delay is not over")

enum {
  OK = 0,
  ERROR_BASE = 7000,
#define CODE(name, text) E_##name,
  ERRORS(CODE)
#undef CODE
};

static const char error_text[][72] = {
#define ENTRY(name, text) text,
    ERRORS(ENTRY)
#undef ENTRY
};

#define CHECK(condition, error)              \
  do {                                       \
    if (!(condition)) return E_##error;      \
  } while (0)

#define TRY(call)                            \
  do {                                       \
    u64 code_ = (call);                      \
    if (code_ != OK) return code_;           \
  } while (0)
