// The program's accounts. All begin with a header; numbers are big-endian, times milliseconds since 1970.
#pragma once
#include "wire.h"

enum {
  TYPE_CLIENT = 1,
  TYPE_GATEWAY,
  TYPE_SET,
  TYPE_SESSION,
  TYPE_BUFFER,
  TYPE_RECORD,
  TYPE_NONCES,
  TYPE_ASSET,
  TYPE_OWED,
  TYPE_MAIL,
  TYPE_EVENT,

  RING = 64,                      // accepted checkpoints that proofs may refer to
  EVENTS_RING = 64,               // events whose accounts the gateway names
  NONCES_PER_PAGE = 8192,
  BUFFER_MAX = 8192,
  MAIL_MAX = 256,                 // bytes of a call's payload that a message may bring
  CALL_MAX = 1024,                // and an event take away
  TOKEN_DECIMALS_MAX = 9,         // of minted tokens; assets of more decimals are scaled down
  ASSET_DECIMALS_MAX = 18,
  ASSET_MINTED = 1,
  ASSET_LOCKED = 2,
};

#define DAY_MS 86400000UL
#define PAUSE_MAX_MS (30 * DAY_MS)
#define RETENTION_MIN_MS (7 * DAY_MS)
#define MAIL_KEPT_MS (30 * DAY_MS) // for its recipient, as long as IPDM keeps calls; then its payer may close it

typedef struct {
  u8 type;
  u8 bump;      // last seed of the address
  u8 payer[32]; // of the rent, which returns there
} header;

typedef struct {
  u8 height[8];
  u8 anchors[32];
  u8 outbox[32];
} accepted;

typedef struct {
  header h;
  u8 chain[32];
  u8 epoch[8];
  u8 set[32];
  u8 height[8];
  u8 time[8];
  u8 digest[32];
  u8 trusted_at[8]; // when the set was last known to be right
  u8 trust[8];      // how long it is trusted from then on
  u8 recovery_key[32];
  u8 recovery_delay[8]; // from proposal to execution
  u8 recovery_epoch[8];
  u8 recovery_set[32];
  u8 recovery_due[8]; // 0 where none is proposed
  u8 count[8];        // checkpoints accepted; the last is ring[(count - 1) % RING]
  accepted ring[RING];
} client;

typedef struct {
  header h;
  u8 domain[4];
  u8 guardian[32];
  u8 paused_until[8];
  u8 pause_from[8]; // earliest time of another pause
  u8 events[8];     // nonce of the next event
  u8 pause[8];      // how long a pause is
  u8 cooldown[8];   // how long none may begin after it
  u8 retention[8];  // of IPDM's time until an event may be closed
  u8 decided[8];    // one more than the nonce of the message that named the guardian
  u8 recent[EVENTS_RING][32]; // accounts of the last events; that of event n is recent[n % EVENTS_RING]
} gateway;

typedef struct {
  header h;
  u8 root[32];
  u8 total[8];
  u8 set[]; // encoded
} set;

typedef struct {
  header h;
  u8 digest[32];
  checkpoint checkpoint;
  u8 power[8];
  u8 signers[MEMBERS_MAX / 8]; // a bit for each member
} session;

typedef struct {
  header h;
  u8 id[8];
  u8 body[];
} buffer;

typedef struct {
  header h;
  u8 key[32];
  u8 height[8]; // of the checkpoint that proved it
  u8 record[RECORD_SIZE];
} record;

typedef struct {
  header h;
  u8 page[8];
  u8 taken[NONCES_PER_PAGE / 8];
} nonces;

typedef struct {
  header h;
  u8 id[32];
  u8 kind;
  u8 decimals; // of the asset; of no use for locked ones
  u8 token[32];
  u8 symbol[17];  // behind its length
  u8 locked[8];   // units of this chain's tokens that others hold elsewhere, but for what is owed
  u8 limit[8];    // units that any span of a window's length may release
  u8 window[8];   // seconds; 0 until a limit is set, and nothing is released
  u8 index[8];    // of the window that released last: time / window
  u8 current[8];  // what it released
  u8 previous[8]; // and the one before it
  u8 decided[8];  // one more than the nonce of the message that set the limit
} asset;

typedef struct {
  header h;
  u8 nonce[8]; // of the message
  u8 asset[32];
  u8 recipient[32];
  u8 units[8];
} owed;

typedef struct {
  header h;
  u8 time[8]; // of its delivery
  message message;
  u8 payload[];
} mail;

typedef struct {
  header h;
  u8 before[32]; // account of the event that is EVENTS_RING before it; zero for the first ones
  event event;
  u8 payload[];
} event_record;
