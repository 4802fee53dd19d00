/* SPDX-License-Identifier: GPL-3.0-or-later
 * The log as a whole.
 */
#include "log/log.h"

#include <glib/gstdio.h>
#include <string.h>

static int64_t fake_us;

static int64_t
fake_clock (void)
{
  return fake_us;
}

static SoukLog *
quiet_log (void)
{
  SoukLogConfig config = { .stderr_level = SOUK_LOG_NONE, .ring_size = 8, .mono_us = fake_clock };
  return souk_log_new (&config, NULL);
}

static const SoukLogEntry *
newest (SoukLog *log, GPtrArray **out_list)
{
  *out_list = souk_log_query (log, &(SoukLogFilter){ .limit = 1 });
  g_assert_cmpuint ((*out_list)->len, ==, 1);
  return g_ptr_array_index (*out_list, 0);
}

static void
test_fields (void)
{
  g_autoptr (SoukLog) log = quiet_log ();
  g_autoptr (GPtrArray) list = NULL;
  SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("hello"));
  uint8_t seed[32] = { 1 };
  SoukIdentity identity;
  souk_identity_init_seed (&identity, seed);
  SoukPeerId peer = souk_identity_peer_id (&identity);
  g_autofree char *peer_text = souk_peer_id_to_string (&peer);
  g_autofree char *cid_text = souk_cid_to_string (&cid);

  souk_log_record (log, SOUK_LOG_INFO, "dag.put", "A block was put.", souk_log_string ("s", "x\"y"),
                   souk_log_int ("n", -5), souk_log_bool ("b", true), souk_log_peer ("p", &peer),
                   souk_log_cid ("c", &cid), souk_log_status ("t", SOUK_STATUS_BAD_CID),
                   souk_log_string ("none", NULL), souk_log_peer ("nobody", NULL));
  g_autofree char *fields = souk_log_entry_fields (newest (log, &list));
  g_autofree char *wanted
      = g_strdup_printf ("{\"s\":\"x\\\"y\",\"n\":-5,\"b\":true,\"p\":\"%s\",\"c\":\"%s\","
                         "\"t\":\"bad-cid\",\"none\":null,\"nobody\":null}",
                         peer_text, cid_text);
  g_assert_cmpstr (fields, ==, wanted);
}

static void
test_ring (void)
{
  g_autoptr (SoukLog) log = quiet_log ();
  for (int i = 1; i <= 20; i++)
    souk_log_record (log, i % 2 ? SOUK_LOG_INFO : SOUK_LOG_ERROR, "a.b", "Once more.",
                     souk_log_int ("i", i));

  g_autoptr (GPtrArray) all = souk_log_query (log, &(SoukLogFilter){ 0 });
  g_assert_cmpuint (all->len, ==, 8);
  g_assert_cmpuint (((SoukLogEntry *)all->pdata[0])->seq, ==, 13);
  g_assert_cmpuint (((SoukLogEntry *)all->pdata[7])->seq, ==, 20);
  g_autoptr (GPtrArray) newest_errors
      = souk_log_query (log, &(SoukLogFilter){ .level = SOUK_LOG_ERROR, .limit = 2 });
  g_assert_cmpuint (newest_errors->len, ==, 2);
  g_assert_cmpuint (((SoukLogEntry *)newest_errors->pdata[0])->seq, ==, 18);
  g_autoptr (GPtrArray) after = souk_log_query (log, &(SoukLogFilter){ .since = 14, .limit = 3 });
  g_assert_cmpuint (((SoukLogEntry *)after->pdata[0])->seq, ==, 15);
  g_assert_cmpuint (((SoukLogEntry *)after->pdata[2])->seq, ==, 17);
  g_autoptr (GPtrArray) text = souk_log_query (log, &(SoukLogFilter){ .text = "\"I\":16" });
  g_assert_cmpuint (text->len, ==, 1);
}

static void
test_limits (void)
{
  g_autoptr (SoukLog) log = quiet_log ();
  g_autoptr (GPtrArray) list = NULL, list2 = NULL;

  fake_us = 0;
  for (int i = 0; i < 100; i++)
    souk_log_record (log, SOUK_LOG_INFO, "a.b", "Noise.", souk_log_source ("from", "10.0.0.1"));
  g_assert_cmpuint (newest (log, &list)->seq, ==, 20);
  fake_us = 15 * G_USEC_PER_SEC;
  souk_log_record (log, SOUK_LOG_INFO, "a.other", "Something else.");
  list2 = souk_log_query (log, &(SoukLogFilter){ .since = 20 });
  g_assert_cmpuint (list2->len, ==, 2);
  g_autofree char *fields = souk_log_entry_fields (list2->pdata[0]);
  g_assert_cmpstr (fields, ==, "{\"of\":\"a.b\",\"suppressed\":80,\"peers\":1}");
}

static void
test_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("souk-log-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "souk.log", NULL);
  SoukLogConfig config = { .path = path, .level = SOUK_LOG_NOTICE, .stderr_level = SOUK_LOG_NONE };
  SoukLog *log = souk_log_new (&config, NULL);
  g_autofree char *text = NULL;

  souk_log_record (log, SOUK_LOG_INFO, "a.b", "Below the level.");
  souk_log_record (log, SOUK_LOG_NOTICE, "a.b", "On the level.");
  souk_log_free (log);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, "{\"seq\":1,"));
  g_assert_true (g_str_has_suffix (text, "\"message\":\"On the level.\",\"fields\":{}}\n"));
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_null (void)
{
  souk_log_record (NULL, SOUK_LOG_ERROR, "a.b", "Nobody listens.", souk_log_int ("n", 1));
}

static gpointer
record_many (gpointer log)
{
  for (int i = 0; i < 2000; i++)
    souk_log_record (log, SOUK_LOG_INFO, "a.b", "From a thread.", souk_log_int ("i", i));
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (SoukLog) log = quiet_log ();
  g_autoptr (GPtrArray) list = NULL;
  GThread *other = g_thread_new ("log", record_many, log);
  record_many (log);
  g_thread_join (other);
  g_assert_cmpuint (newest (log, &list)->seq, ==, 4000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/log/fields-are-typed", test_fields);
  g_test_add_func ("/log/log/the-ring-answers-by-level-text-and-sequence", test_ring);
  g_test_add_func ("/log/log/a-noisy-source-is-held-back-and-counted", test_limits);
  g_test_add_func ("/log/log/the-file-has-what-the-level-passes", test_file);
  g_test_add_func ("/log/log/no-log-records-nothing", test_null);
  g_test_add_func ("/log/log/two-threads-may-record-at-once", test_threads);
  return g_test_run ();
}
