/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The provider's rules, and the reading of the computer's power.
 */
#include "exec/policy-state.h"
#include "exec/policy.h"

#include <glib.h>
#include <glib/gstdio.h>

static SoukPolicy
open_policy (void)
{
  SoukPolicy policy = souk_policy_default ();
  policy.is_enabled = true;
  return policy;
}

static SoukPolicyState
good_state (void)
{
  return (SoukPolicyState){
    .has_sandbox = true, .minute = 12 * 60, .memory_free_mb = 8000, .disk_free_mb = 8000
  };
}

static const SoukPolicyAsk small = { .memory_mb = 500, .wall_ms = 60000, .disk_mb = 64 };

#define DECIDES(verdict)                                                                           \
  g_assert_cmpstr (souk_policy_name (souk_policy_decide (&policy, &state, &ask)), ==, verdict)

static void
test_each_rule (void)
{
  SoukPolicy policy = open_policy ();
  SoukPolicyState state = good_state ();
  SoukPolicyAsk ask = small;
  DECIDES ("take");
  policy.is_enabled = false;
  DECIDES ("disabled");
  policy = open_policy ();
  state.has_sandbox = false;
  DECIDES ("no-sandbox");
  state = good_state ();
  ask.memory_mb = 2049;
  DECIDES ("job-memory");
  ask = small;
  ask.wall_ms = 3600 * 1000 + 1;
  DECIDES ("job-time");
  ask = small;
  ask.disk_mb = 513;
  DECIDES ("job-disk");
  ask = small;
  state.n_jobs = 1;
  DECIDES ("busy");
  state = good_state ();
  state.is_on_battery = true;
  DECIDES ("battery");
  policy.on_battery = true;
  DECIDES ("take");
  state.is_metered = true;
  DECIDES ("metered");
  policy.on_metered = true;
  DECIDES ("take");
  state.memory_free_mb = 1024 + 499;
  DECIDES ("low-memory");
  state.memory_free_mb = 10;
  DECIDES ("low-memory");
  state = good_state ();
  state.disk_free_mb = 2048 + 63;
  DECIDES ("low-disk");
  state.disk_free_mb++;
  DECIDES ("take");
}

static void
test_hours (void)
{
  SoukPolicy policy = open_policy ();
  SoukPolicyState state = good_state ();
  SoukPolicyAsk ask = small;
  policy.from_minute = 9 * 60;
  policy.to_minute = 17 * 60;
  DECIDES ("take");
  state.minute = 17 * 60;
  DECIDES ("hours");
  state.minute = 9 * 60 - 1;
  DECIDES ("hours");
  /* from Friday 22:00 to Saturday 6:00 */
  policy.from_minute = 22 * 60;
  policy.to_minute = 6 * 60;
  policy.weekdays = 1 << 4;
  state.weekday = 4;
  state.minute = 23 * 60;
  DECIDES ("take");
  state.weekday = 5;
  DECIDES ("hours");
  state.minute = 5 * 60;
  DECIDES ("take");
  state.weekday = 4;
  DECIDES ("hours");
  state.minute = 12 * 60;
  DECIDES ("hours");
  /* Sunday night is still Sunday's on Monday morning */
  policy.weekdays = 1 << 6;
  state.weekday = 0;
  state.minute = 60;
  DECIDES ("take");
}

static void
put_supply (const char *folder, const char *name, const char *file, const char *text)
{
  g_autofree char *supply = g_build_filename (folder, name, NULL);
  g_autofree char *path = g_build_filename (supply, file, NULL);
  g_mkdir_with_parents (supply, 0700);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_battery (void)
{
  g_autofree char *folder = g_dir_make_tmp ("souk-power-XXXXXX", NULL);
  g_assert_false (souk_policy_is_on_battery ("/nonexistent"));
  g_assert_false (souk_policy_is_on_battery (folder));
  put_supply (folder, "mouse", "type", "Battery\n");
  put_supply (folder, "mouse", "scope", "Device\n");
  put_supply (folder, "mouse", "status", "Discharging\n");
  g_assert_false (souk_policy_is_on_battery (folder));
  put_supply (folder, "BAT0", "type", "Battery\n");
  put_supply (folder, "BAT0", "status", "Discharging\n");
  g_assert_true (souk_policy_is_on_battery (folder));
  put_supply (folder, "AC", "type", "Mains\n");
  put_supply (folder, "AC", "online", "0\n");
  g_assert_true (souk_policy_is_on_battery (folder));
  put_supply (folder, "AC", "online", "1\n");
  g_assert_false (souk_policy_is_on_battery (folder));
  static const char *const files[]
      = { "mouse/type", "mouse/scope", "mouse/status", "BAT0/type", "BAT0/status",
          "AC/type",    "AC/online",   "mouse",        "BAT0",      "AC",
          "." };
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i], NULL);
      g_autofree char *plain = g_canonicalize_filename (path, NULL);
      g_remove (plain);
    }
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

static void
test_state (void)
{
  SoukPolicyState state = { 0 };
  souk_policy_state_read (&state, "/");
  g_assert_cmpuint (state.minute, <, 24 * 60);
  g_assert_cmpuint (state.weekday, <, 7);
  g_assert_cmpuint (state.memory_free_mb, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exec/policy/each-rule-says-no-by-its-name", test_each_rule);
  g_test_add_func ("/exec/policy/hours-may-go-over-midnight", test_hours);
  g_test_add_func ("/exec/policy/only-the-computers-own-battery-counts", test_battery);
  g_test_add_func ("/exec/policy/this-computer-can-be-read", test_state);
  return g_test_run ();
}
