/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The name spaces of values in the hash table, and who may write what there (libp2p specs, kad-dht,
 * "Entry validation"). PURE.
 *
 * A value is taken, from anyone, only when its name space says that it belongs to its key; keys of
 * other name spaces are refused (KAD_NAMESPACE). So a server cannot be made to keep just anything.
 */
#pragma once
#include "base/bytes.h"
#include "base/status.h"

typedef struct {
  const char *prefix; /* "/pk/" */
  /* `key` is whole. Returns: OK, or what is wrong. */
  SoukStatus (*validate) (SoukSlice key, SoukSlice value);
  /* True when `value` is to replace `other`; both are valid. */
  bool (*is_better) (SoukSlice key, SoukSlice value, SoukSlice other);
} SoukKadNamespace;

/* "/pk/" and a peer id: the public key that hashes to it. */
extern const SoukKadNamespace souk_kad_namespace_pk;
/* "/ipns/": known by name and refused (KAD_NAMESPACE), since IPNS records are not verified here; a
 * key that is not even of their form is KAD_RECORD. */
extern const SoukKadNamespace souk_kad_namespace_ipns;

/* `spaces` ends with NULL. Returns: OK, KAD_NAMESPACE, or what the name space says. */
SoukStatus souk_kad_validate (const SoukKadNamespace *const *spaces, SoukSlice key,
                              SoukSlice value);
bool souk_kad_is_better (const SoukKadNamespace *const *spaces, SoukSlice key, SoukSlice value,
                         SoukSlice other);
