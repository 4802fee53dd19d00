/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sealed content: any bytes are refused, and what is sealed opens.
 */
#include "market/content.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  uint8_t key[32] = { 0 };
  SoukSeededRng rng;
  g_autoptr (GBytes) opened = NULL;
  g_autoptr (GBytes) again = NULL;
  memcpy (key, data, MIN (size, sizeof key));
  /* Nobody finds a tag of 128 bits by chance. */
  g_assert (souk_content_open (key, souk_slice (data, size), &opened) != SOUK_STATUS_OK);
  souk_seeded_rng_init_number (&rng, size);
  g_autoptr (GBytes) sealed = souk_content_seal (key, souk_slice (data, size), &rng.rng);
  SoukStatus status = souk_content_open (key, souk_slice_from_bytes (sealed), &again);
  g_assert (status == SOUK_STATUS_OK);
  g_assert (souk_slice_is_equal (souk_slice_from_bytes (again), souk_slice (data, size)));
  return 0;
}
