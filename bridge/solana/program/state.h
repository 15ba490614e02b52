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
  NONCES_PER_PAGE = 8192,
  BUFFER_MAX = 8192,
  MAIL_MAX = 256,                 // bytes of a call's payload that a message may bring
  CALL_MAX = 1024,                // and an event take away
  TOKEN_DECIMALS_MAX = 9,         // of minted tokens; assets of more decimals are scaled down
  ASSET_DECIMALS_MAX = 18,
  ASSET_MINTED = 1,
  ASSET_LOCKED = 2,
};

#define DAY_MS (24UL * 3600 * 1000)
#define PAUSE_MS (3 * DAY_MS)      // a pause ends by itself
#define COOLDOWN_MS (7 * DAY_MS)   // and another may begin only so long after
#define RECOVERY_MS (7 * DAY_MS)   // from the proposal of a recovery to its execution
#define EVENT_MS (14 * DAY_MS)     // of IPDM's time until an event may be closed

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
  u8 fresh[8]; // when the client's state was last current: the head's time, or that of its genesis or recovery
  u8 trust[8]; // period
  u8 recovery_key[32];
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
  u8 limit[8];  // units of the token per window
  u8 window[8]; // milliseconds; 0 is no limit
  u8 since[8];
  u8 used[8];
  u8 symbol[17]; // behind its length
} asset;

typedef struct {
  header h;
  u8 asset[32];
  u8 recipient[32];
  u8 units[8];
} owed;

typedef struct {
  header h;
  message message;
  u8 payload[];
} mail;

typedef struct {
  header h;
  event event;
  u8 payload[];
} event_record;
