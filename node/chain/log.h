/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A log entry as eth_getLogs gives it, and a block's header as far as the follower needs it. PURE.
 */
#pragma once
#include "base/address.h"
#include "base/bytes.h"

#define SOUK_CHAIN_TOPICS_MAX 4
/* Data of one log that is kept; a listing's uri is the longest thing in ours. */
#define SOUK_CHAIN_LOG_DATA_MAX (64u << 10)

typedef struct {
  uint64_t number;
  uint8_t hash[SOUK_HASH_SIZE];
  uint8_t parent[SOUK_HASH_SIZE];
  uint64_t time_s;
} SoukChainHeader;

/* (block_hash, log_index) identifies it: the same transaction may come again in another block. */
typedef struct {
  SoukAddress address;
  uint8_t topics[SOUK_CHAIN_TOPICS_MAX][SOUK_HASH_SIZE];
  unsigned n_topics;
  GBytes *data; /* owned */
  uint64_t block_number;
  uint8_t block_hash[SOUK_HASH_SIZE];
  uint8_t tx_hash[SOUK_HASH_SIZE];
  uint32_t log_index;
} SoukChainLog;

/* Returns: (transfer full): an empty log. */
SoukChainLog *souk_chain_log_new (void);
SoukChainLog *souk_chain_log_copy (const SoukChainLog *self);
void souk_chain_log_free (SoukChainLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukChainLog, souk_chain_log_free)

/* By block number, then log index. For g_ptr_array_sort_values. */
int souk_chain_log_compare (gconstpointer a, gconstpointer b);

/* A form of a log for the disk: append, and read back (NULL when the bytes are no log). */
void souk_chain_log_append (const SoukChainLog *self, GByteArray *out);
SoukChainLog *souk_chain_log_read (SoukReader *reader);
