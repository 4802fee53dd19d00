/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a server of the hash table keeps for others: values, and who provides what. PURE.
 *
 * Everything expires. One peer may fill a part of the room at most, so that a stranger cannot push
 * out what others keep; a full store refuses what is new until something expires.
 * Owner: the machine. In memory: after a restart the others' next publishing fills it again.
 */
#pragma once
#include "mesh/kad-codec.h"

typedef struct SoukKadStore SoukKadStore;

typedef struct {
  GBytes *value;
  SoukWall received;
} SoukKadValue;

typedef struct {
  SoukPeerId id;
  GBytes *addrs; /* packed; NULL when not known, or too old */
} SoukKadProvider;

SoukKadStore *souk_kad_store_new (void);
void souk_kad_store_free (SoukKadStore *self);

/* Keeps a value that was validated, in place of an older one of the key. `from` counts for it.
 * Returns: OK, or LIMIT. */
SoukStatus souk_kad_store_put (SoukKadStore *self, SoukSlice key, SoukSlice value,
                               const SoukPeerId *from, SoukWall received, SoukMono now);
/* Returns: false when there is none. `out` is valid until the store changes. */
bool souk_kad_store_get (const SoukKadStore *self, SoukSlice key, SoukMono now, SoukKadValue *out);

/* Notes that `provider` has what `key` names. Returns: OK, or LIMIT. */
SoukStatus souk_kad_store_provide (SoukKadStore *self, SoukSlice key, const SoukPeerId *provider,
                                   GBytes *addrs, SoukMono now);
/* Returns: (transfer full): of SoukKadProvider, whose addrs are borrowed until the store changes. */
GArray *souk_kad_store_providers (const SoukKadStore *self, SoukSlice key, SoukMono now);

/* Throws away what has expired. */
void souk_kad_store_expire (SoukKadStore *self, SoukMono now);
size_t souk_kad_store_values (const SoukKadStore *self);
size_t souk_kad_store_provider_records (const SoukKadStore *self);
