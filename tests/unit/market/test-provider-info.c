/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Provider announcements.
 */
#include "fixture.h"
#include "market/provider-info.h"

static SoukProviderInfo
some_info (void)
{
  return (SoukProviderInfo){ .cpus = 4,
                             .memory_mb = 2048,
                             .jobs_max = 2,
                             .jobs_now = 1,
                             .features = g_strsplit ("wasi-preview1", ",", -1),
                             .note = g_strdup ("") };
}

static void
done (SoukProviderInfo *info)
{
  g_strfreev (info->features);
  g_free (info->note);
}

static void
test_round_trip (void)
{
  SoukProviderInfo info = some_info ();
  g_autoptr (GBytes) body = souk_provider_info_to_body (&info);
  g_autoptr (SoukRecord) record = fix_record (1, SOUK_RECORD_PROVIDER, "p", 1, body, false);
  g_autoptr (SoukProviderInfo) again = NULL;
  souk_assert_status (souk_provider_info_from_record (record, &again), OK);
  g_assert_cmpuint (again->memory_mb, ==, 2048);
  g_assert_cmpstr (again->features[0], ==, "wasi-preview1");
  done (&info);
}

static void
test_refusals (void)
{
  SoukProviderInfo info = some_info ();
  SoukAddress nobody = { 0 };
  SoukAddress wallet = fix_wallet (1);
  souk_assert_status (souk_provider_info_check (&info, &nobody), OK);
  info.jobs_now = 3;
  souk_assert_status (souk_provider_info_check (&info, &nobody), PROVIDER_INFO);
  info.jobs_now = 0;
  info.price_per_s = fix_wei ("5");
  souk_assert_status (souk_provider_info_check (&info, &wallet), PROVIDER_INFO);
  info.chain_id = 31337;
  souk_assert_status (souk_provider_info_check (&info, &nobody), PROVIDER_INFO);
  souk_assert_status (souk_provider_info_check (&info, &wallet), OK);
  done (&info);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/provider-info/it-is-read-as-it-was-built", test_round_trip);
  g_test_add_func ("/market/provider-info/what-does-not-hold-together-is-refused", test_refusals);
  return g_test_run ();
}
