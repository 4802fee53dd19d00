/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bitswap's wire (IPFS specs, bitswap-protocol, "Bitswap 1.2.0: Wire Format"). PURE.
 *
 *   Message { wantlist=1 { entries=1 { block=1 CID, priority=2, cancel=3, wantType=4 (0 block, 1
 *             have), sendDontHave=5 }, full=2 }; blocks=2 (1.0.0: a CIDv0's data); payload=3
 *             { prefix=1, data=2 }; blockPresences=4 { cid=1, type=2 (0 have, 1 have not) };
 *             pendingBytes=5 }
 *
 * Read in place (mesh/fields.h): a block of megabytes is never copied by the decoder.
 */
#pragma once
#include "base/cid.h"
#include "mesh/fields.h"

enum {
  SOUK_BITSWAP_WANTLIST = 1,
  SOUK_BITSWAP_BLOCKS = 2,
  SOUK_BITSWAP_PAYLOAD = 3,
  SOUK_BITSWAP_PRESENCES = 4,
  SOUK_BITSWAP_PENDING = 5,
  SOUK_BITSWAP_ENTRIES = 1,
  SOUK_BITSWAP_FULL = 2,
};

typedef enum { SOUK_BITSWAP_WANT_BLOCK = 0, SOUK_BITSWAP_WANT_HAVE = 1 } SoukBitswapWantType;

/* One line of a want-list. */
typedef struct {
  SoukCid cid;
  int32_t priority;
  bool is_cancel, send_dont_have;
  SoukBitswapWantType type;
} SoukBitswapEntry;

/* Walks a message and all that is in it. TOO_LARGE or BAD_ENCODING when it cannot be read. */
SoukStatus souk_bitswap_message_check (SoukSlice message);
/* Readers of the parts. BAD_ENCODING or BAD_CID. */
SoukStatus souk_bitswap_entry_parse (SoukSlice entry, SoukBitswapEntry *out);
SoukStatus souk_bitswap_presence_parse (SoukSlice presence, SoukCid *out_cid, bool *out_has);
/* A payload's data, and the CID that prefix and data make: hashes the data. UNSUPPORTED for hashes
 * other than sha2-256. */
SoukStatus souk_bitswap_payload_parse (SoukSlice payload, SoukSlice *out_data, SoukCid *out_cid);

/* Writers: `entries` collects want-list lines, the others append to a message. */
void souk_append_bitswap_entry (GByteArray *entries, const SoukBitswapEntry *entry);
void souk_append_bitswap_wantlist (GByteArray *message, SoukSlice entries, bool is_full);
void souk_append_bitswap_payload (GByteArray *message, const SoukCid *cid, SoukSlice data);
void souk_append_bitswap_presence (GByteArray *message, const SoukCid *cid, bool has);
