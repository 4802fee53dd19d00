/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The module pass on any bytes, and on a good module with some bytes changed: no byte breaks it,
 * what it accepts it accepts again, and without options it changes nothing a second time.
 */
#include "wasm-seed.h"
#include "worker/wasi.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Returns: the rewritten module, or NULL. A second pass stumbles over the names that the first one
 * added, and over nothing else. */
static GBytes *
rewrite (SoukSlice module, const SoukModuleOptions *options, bool is_second)
{
  GBytes *out = NULL;
  size_t offset = 0;
  SoukModuleStatus status = souk_module_rewrite (module, options, &out, &offset);
  g_assert ((status == SOUK_MODULE_OK) == (out != NULL));
  g_assert (status == SOUK_MODULE_OK || offset <= module.len);
  g_assert (!is_second || status == SOUK_MODULE_OK || status == SOUK_MODULE_RESERVED_NAME);
  return out;
}

static void
try_module (SoukSlice module, uint8_t flags)
{
  SoukModuleOptions options = { .pages_max = 1 + (flags >> 3), .import_ok = souk_wasi_import_ok };
  SoukModuleOptions metered = options;
  metered.fuel = flags & 1 ? 1000 : 0;
  metered.depth = flags & 2;
  metered.canonical_nan = flags & 4;

  g_autoptr (GBytes) plain = rewrite (module, &options, false);
  g_autoptr (GBytes) rich = rewrite (module, &metered, false);
  g_assert ((plain == NULL) == (rich == NULL));
  if (plain == NULL)
    return;
  g_autoptr (GBytes) again = rewrite (souk_slice_from_bytes (plain), &options, true);
  g_assert (again == NULL || g_bytes_equal (plain, again));
  g_autoptr (GBytes) twice = rewrite (souk_slice_from_bytes (rich), &options, true);
}

/* Each three bytes of the input are {place, place, what}. */
static void
try_changed_seed (const uint8_t *data, size_t size, uint8_t flags)
{
  uint8_t module[sizeof wasm_seed];
  memcpy (module, wasm_seed, sizeof module);
  for (size_t i = 0; i + 3 <= size; i += 3)
    module[(data[i] << 8 | data[i + 1]) % sizeof module] = data[i + 2];
  try_module (souk_slice (module, sizeof module), flags);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 2)
    return 0;
  if (data[0] & 1)
    try_module (souk_slice (data + 2, size - 2), data[1]);
  else
    try_changed_seed (data + 2, size - 2, data[1]);
  return 0;
}
