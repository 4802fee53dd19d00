/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Networks: which contracts on which chain, and where its peers begin. GLIB, any thread.
 *
 * A network is a small JSON file, installed under data/networks or named by its path:
 *   {"name": "local", "coin": "ETH", "chain_id": 31337, "rpc_urls": ["http://127.0.0.1:8545"],
 *    "marketplace": "0x…", "rental": "0x…", "confirmations": 1, "poll_ms": 500, "bootstrap": ["/ip4/…"]}
 */
#pragma once
#include "base/address.h"

#define SOUK_COIN_NAME_MAX 8

typedef struct {
  char *name;
  char *coin; /* what people call the chain's coin: at most SOUK_COIN_NAME_MAX letters */
  uint64_t chain_id;
  GStrv rpc_urls; /* at least one */
  SoukAddress marketplace;
  SoukAddress rental;
  unsigned confirmations; /* blocks, the one with the transaction included; at least 1 */
  unsigned poll_ms;
  GStrv bootstrap; /* multiaddrs; maybe empty */
} SoukNetwork;

/* Reads a network by its name or its path.
 * Returns: (transfer full) (nullable): NULL and an error that names the member that is wrong. */
SoukNetwork *souk_network_load (const char *name_or_path, GError **error);
void souk_network_free (SoukNetwork *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukNetwork, souk_network_free)
