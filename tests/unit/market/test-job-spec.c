/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Job specifications: what may be asked of a provider.
 */
#include "fixture.h"

static SoukStatus
check (const SoukJobSpec *spec)
{
  SoukAddress wallet = fix_wallet (1);
  return souk_job_spec_check (spec, &wallet);
}

static void
test_round_trip (void)
{
  g_autoptr (SoukJobSpec) spec = fix_job_spec (FIX_PRICE);
  g_autoptr (SoukRecord) record = fix_job_record (1, spec);
  g_autoptr (SoukJobSpec) again = NULL;
  uint8_t one[32], two[32];
  souk_assert_status (souk_job_spec_from_record (record, &again), OK);
  g_assert_true (souk_cid_is_equal (&again->module, &spec->module));
  g_assert_cmpstr (again->files[0].path, ==, "data/words.txt");
  g_assert_cmpstr (again->env[0], ==, "LANG=C");
  g_assert_cmpuint (again->limits.memory_mb, ==, 64);
  g_assert_true (again->is_deterministic);
  g_autoptr (GBytes) body = souk_job_spec_to_body (again);
  souk_job_hash (one, souk_slice_from_bytes (body));
  souk_job_hash (two, souk_slice_from_bytes (record->body));
  g_assert_cmpmem (one, 32, two, 32);
}

static void
test_hash_covers_every_flag (void)
{
  g_autoptr (SoukJobSpec) spec = fix_job_spec ("0");
  g_autoptr (GBytes) body = souk_job_spec_to_body (spec);
  uint8_t one[32], two[32];
  souk_job_hash (one, souk_slice_from_bytes (body));
  spec->is_deterministic = false;
  g_autoptr (GBytes) other = souk_job_spec_to_body (spec);
  souk_job_hash (two, souk_slice_from_bytes (other));
  g_assert_cmpint (memcmp (one, two, 32), !=, 0);
}

static SoukStatus
check_path (const char *path)
{
  g_autoptr (SoukJobSpec) spec = fix_job_spec ("0");
  g_free (spec->files[0].path);
  spec->files[0].path = g_strdup (path);
  return check (spec);
}

static void
test_paths (void)
{
  souk_assert_status (check_path ("a/b.c"), OK);
  souk_assert_status (check_path (""), JOB_FILES);
  souk_assert_status (check_path ("/etc/passwd"), JOB_FILES);
  souk_assert_status (check_path ("a/../../b"), JOB_FILES);
  souk_assert_status (check_path ("a//b"), JOB_FILES);
  souk_assert_status (check_path ("./a"), JOB_FILES);
  souk_assert_status (check_path ("a/"), JOB_FILES);
}

static SoukStatus
check_env (const char *entry)
{
  g_autoptr (SoukJobSpec) spec = fix_job_spec ("0");
  g_free (spec->env[0]);
  spec->env[0] = g_strdup (entry);
  return check (spec);
}

static void
test_environment (void)
{
  souk_assert_status (check_env ("_A1=x=y"), OK);
  souk_assert_status (check_env ("A="), OK);
  souk_assert_status (check_env ("1A=x"), JOB_ARGS);
  souk_assert_status (check_env ("A"), JOB_ARGS);
  souk_assert_status (check_env ("=x"), JOB_ARGS);
}

static void
test_limits (void)
{
  g_autoptr (SoukJobSpec) spec = fix_job_spec ("0");
  SoukJobLimits limits = spec->limits;
  spec->limits.memory_mb = SOUK_JOB_MEMORY_MB_MAX + 1;
  souk_assert_status (check (spec), JOB_LIMITS);
  spec->limits = limits;
  spec->limits.wall_ms = 0;
  souk_assert_status (check (spec), JOB_LIMITS);
  spec->limits = limits;
  spec->limits.output_bytes = UINT64_MAX;
  souk_assert_status (check (spec), JOB_LIMITS);
  spec->limits = limits;
  spec->bid_window_ms = 1;
  souk_assert_status (check (spec), JOB_TIME);
}

static void
test_money (void)
{
  g_autoptr (SoukJobSpec) spec = fix_job_spec (FIX_PRICE);
  SoukAddress nobody = { 0 };
  souk_assert_status (check (spec), OK);
  souk_assert_status (souk_job_spec_check (spec, &nobody), JOB_PRICE);
  spec->submit_within_s = 1;
  souk_assert_status (check (spec), JOB_TIME);
  g_autoptr (SoukJobSpec) gift = fix_job_spec ("0");
  souk_assert_status (souk_job_spec_check (gift, &nobody), OK);
  gift->chain_id = 1;
  souk_assert_status (check (gift), JOB_PRICE);
}

static void
test_rubbish (void)
{
  g_autoptr (SoukJobSpec) out = NULL;
  SoukAddress nobody = { 0 };
  souk_assert_status (souk_job_spec_from_body (SOUK_SLICE_EMPTY, &nobody, &out), JOB_MODULE);
  souk_assert_status (souk_job_spec_from_body (SOUK_SLICE_LITERAL ("\xff"), &nobody, &out),
                      BAD_ENCODING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/job-spec/a-job-is-read-as-it-was-built", test_round_trip);
  g_test_add_func ("/market/job-spec/the-hash-covers-every-flag", test_hash_covers_every_flag);
  g_test_add_func ("/market/job-spec/paths-stay-inside-the-job", test_paths);
  g_test_add_func ("/market/job-spec/environment-entries-have-names", test_environment);
  g_test_add_func ("/market/job-spec/limits-are-sane", test_limits);
  g_test_add_func ("/market/job-spec/a-price-needs-a-wallet-and-a-chain", test_money);
  g_test_add_func ("/market/job-spec/rubbish-is-refused", test_rubbish);
  return g_test_run ();
}
