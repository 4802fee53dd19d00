/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Name spaces. PURE. See kad-names.h.
 */
#include "mesh/kad-names.h"

#include "base/peer-id.h"

#include <string.h>

static SoukSlice
behind (SoukSlice key, const char *prefix)
{
  size_t len = strlen (prefix);
  return souk_slice (key.data + len, key.len - len);
}

static SoukStatus
validate_pk (SoukSlice key, SoukSlice value)
{
  SoukPeerId named, found;
  if (souk_peer_id_from_bytes (behind (key, souk_kad_namespace_pk.prefix), &named) != SOUK_STATUS_OK
      || souk_peer_id_from_public_key (value, &found) != SOUK_STATUS_OK
      || !souk_peer_id_is_equal (&named, &found))
    return SOUK_STATUS_KAD_RECORD;
  return SOUK_STATUS_OK;
}

static bool
is_better_pk (SoukSlice key, SoukSlice value, SoukSlice other)
{
  /* There is one key to an id. */
  return false;
}

const SoukKadNamespace souk_kad_namespace_pk = { "/pk/", validate_pk, is_better_pk };

static SoukStatus
validate_ipns (SoukSlice key, SoukSlice value)
{
  SoukPeerId named;
  if (souk_peer_id_from_bytes (behind (key, souk_kad_namespace_ipns.prefix), &named)
          != SOUK_STATUS_OK
      || value.len == 0)
    return SOUK_STATUS_KAD_RECORD;
  return SOUK_STATUS_KAD_NAMESPACE;
}

const SoukKadNamespace souk_kad_namespace_ipns = { "/ipns/", validate_ipns, is_better_pk };

static const SoukKadNamespace *
space_of (const SoukKadNamespace *const *spaces, SoukSlice key)
{
  for (; *spaces != NULL; spaces++)
    {
      size_t len = strlen ((*spaces)->prefix);
      if (key.len > len && memcmp (key.data, (*spaces)->prefix, len) == 0)
        return *spaces;
    }
  return NULL;
}

SoukStatus
souk_kad_validate (const SoukKadNamespace *const *spaces, SoukSlice key, SoukSlice value)
{
  const SoukKadNamespace *space = space_of (spaces, key);
  return space != NULL ? space->validate (key, value) : SOUK_STATUS_KAD_NAMESPACE;
}

bool
souk_kad_is_better (const SoukKadNamespace *const *spaces, SoukSlice key, SoukSlice value,
                    SoukSlice other)
{
  const SoukKadNamespace *space = space_of (spaces, key);
  return space != NULL && space->is_better (key, value, other);
}
