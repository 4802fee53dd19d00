/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who has content that no connected peer has: looks in the hash table, and says there what this node
 * has pinned. GLIB, node thread.
 *
 * Whoever is found is dialled; the exchange asks a new peer for what is wanted by itself. All pins are
 * announced, and again in time (mesh/kad.h); pins that are gone are no longer announced.
 * Limits: SOUK_FINDER_LOOKS_MAX lookups at a time, more are left out; SOUK_KAD_OWN_MAX pins.
 */
#pragma once
#include "store/store.h"
#include "swarm/dht.h"

#define SOUK_FINDER_LOOKS_MAX 32
#define SOUK_FINDER_PROVIDERS_MAX 8

typedef struct SoukFinder SoukFinder;

/* All outlive it. */
SoukFinder *souk_finder_new (SoukSwarm *swarm, SoukStore *store, SoukDht *dht);
void souk_finder_free (SoukFinder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukFinder, souk_finder_free)
/* Looks for providers of `root` and dials them; nothing when that is under way already. */
void souk_finder_look (SoukFinder *self, const SoukCid *root);
/* `root` was pinned just now. */
void souk_finder_pinned (SoukFinder *self, const SoukCid *root);
