/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of trade/jobs-wire.c: messages of the compute flow, and its alarms.
 */
#include "trade/jobs-wire.h"

#include "swarm/clock.h"

#include <string.h>

static const uint8_t id_a[32] = { 1, 2, 3 };

static SoukJobResult
a_result (void)
{
  SoukJobResult result = { .failure = SOUK_JOB_FAILURE_WALL_LIMIT, .exit_code = -3, .wall_ms = 12 };
  result.cid = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("result"));
  souk_sentence_copy (result.sentence, sizeof result.sentence, "It was slow.");
  return result;
}

/* The message that souk_job_send_result() makes, as the other side reads it. */
static void
fill (Souk__JobResult *message, const SoukJobResult *result, GBytes **out_cid,
      uint8_t hash[SOUK_HASH_SIZE])
{
  souk__job_result__init (message);
  *out_cid = souk_cid_to_bytes (&result->cid);
  souk_result_hash (hash, &result->cid);
  message->failure = result->failure;
  message->exit_code = (uint32_t)result->exit_code;
  message->cid = souk_field_from_slice (souk_slice_from_bytes (*out_cid));
  message->result_hash = souk_field_from_slice (souk_slice (hash, SOUK_HASH_SIZE));
  message->sentence = (char *)result->sentence;
}

static void
test_result (void)
{
  SoukJobResult result = a_result (), read;
  Souk__JobResult message;
  g_autoptr (GBytes) cid = NULL;
  uint8_t hash[SOUK_HASH_SIZE], read_hash[SOUK_HASH_SIZE];
  fill (&message, &result, &cid, hash);
  g_assert_true (souk_job_result_read (&message, &read, read_hash));
  g_assert_cmpint (read.failure, ==, SOUK_JOB_FAILURE_WALL_LIMIT);
  g_assert_cmpint (read.exit_code, ==, -3);
  g_assert_true (souk_cid_is_equal (&read.cid, &result.cid));
  g_assert_cmpmem (read_hash, sizeof read_hash, hash, sizeof hash);
  g_assert_cmpstr (read.sentence, ==, "It was slow.");
}

static void
test_result_without_cid (void)
{
  SoukJobResult result = a_result (), read;
  Souk__JobResult message;
  g_autoptr (GBytes) cid = NULL;
  uint8_t hash[SOUK_HASH_SIZE];
  fill (&message, &result, &cid, hash);
  message.cid = (ProtobufCBinaryData){ 0, NULL };
  g_assert_false (souk_job_result_read (&message, &read, hash));
  message.failure = SOUK_JOB_FAILURE_SANDBOX_FAILED;
  g_assert_true (souk_job_result_read (&message, &read, hash));
  g_assert_cmpint (read.cid.version, ==, 0);
  message.failure = SOUK_JOB_FAILURE_COUNT;
  g_assert_false (souk_job_result_read (&message, &read, hash));
}

static void
test_result_text (void)
{
  SoukJobResult result = a_result (), read;
  Souk__JobResult message;
  g_autoptr (GBytes) cid = NULL;
  uint8_t hash[SOUK_HASH_SIZE];
  g_autofree char *longer = g_strnfill (10 * SOUK_SENTENCE_MAX, 'x');
  fill (&message, &result, &cid, hash);
  longer[3] = '\n';
  message.sentence = longer;
  g_assert_true (souk_job_result_read (&message, &read, hash));
  g_assert_cmpuint (strlen (read.sentence), <=, SOUK_SENTENCE_MAX);
  g_assert_null (strchr (read.sentence, '\n'));
}

static void
test_canonical (void)
{
  Souk__JobMessage message = SOUK__JOB_MESSAGE__INIT;
  message.body_case = SOUK__JOB_MESSAGE__BODY_FOLLOW;
  message.follow = souk_field_from_slice (souk_slice (id_a, sizeof id_a));
  g_autoptr (GBytes) bytes = souk_message_pack (&message);
  SOUK_AUTO_MESSAGE Souk__JobMessage *read = souk_job_message_read (souk_slice_from_bytes (bytes));
  g_assert_nonnull (read);
  g_assert_true (souk_id_is (read->follow, id_a));
  /* A field that nobody knows behind it. */
  g_autoptr (GByteArray) more = g_byte_array_new ();
  souk_append (more, souk_slice_from_bytes (bytes));
  souk_append (more, souk_slice ("\xf8\x01\x01", 3));
  g_assert_null (souk_job_message_read (souk_slice_from_array (more)));
  g_assert_null (souk_job_message_read (SOUK_SLICE_LITERAL ("\xff\xff\xff")));
}

static void
test_bid_reply (void)
{
  g_autoptr (GBytes) good = souk_bid_reply_new (id_a, NULL, NULL);
  g_autoptr (GBytes) bad = souk_bid_reply_new (NULL, "bid-late", "Too late.");
  SOUK_AUTO_MESSAGE Souk__BidReply *read_good
      = souk_message_unpack (&souk__bid_reply__descriptor, souk_slice_from_bytes (good));
  SOUK_AUTO_MESSAGE Souk__BidReply *read_bad
      = souk_message_unpack (&souk__bid_reply__descriptor, souk_slice_from_bytes (bad));
  g_assert_cmpint (read_good->body_case, ==, SOUK__BID_REPLY__BODY_ACCEPTED);
  g_assert_true (souk_id_is (read_good->accepted, id_a));
  g_assert_cmpint (read_bad->body_case, ==, SOUK__BID_REPLY__BODY_REFUSAL);
  g_assert_cmpstr (read_bad->refusal->code, ==, "bid-late");
}

typedef struct {
  SoukAlarm alarm;
  unsigned rings;
} Ringing;

static gboolean
on_ring (gpointer user)
{
  Ringing *ringing = user;
  g_clear_pointer (&ringing->alarm.source, g_source_unref);
  ringing->rings++;
  return G_SOURCE_REMOVE;
}

static void
wait_ms (unsigned ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
}

static void
test_alarm (void)
{
  Ringing ringing = { 0 };
  SoukWall now = souk_wall_now ();
  souk_alarm_set (&ringing.alarm, (SoukWall){ now.us + 5000 * SOUK_US_PER_S }, on_ring, &ringing);
  souk_alarm_set (&ringing.alarm, (SoukWall){ now.us + 20 * SOUK_US_PER_MS }, on_ring, &ringing);
  wait_ms (60);
  g_assert_cmpuint (ringing.rings, ==, 1);
  souk_alarm_set (&ringing.alarm, now, on_ring, &ringing);
  souk_alarm_clear (&ringing.alarm);
  souk_alarm_set (&ringing.alarm, SOUK_WALL_NEVER, on_ring, &ringing);
  wait_ms (20);
  g_assert_cmpuint (ringing.rings, ==, 1);
  g_assert_null (ringing.alarm.source);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trade/jobs-wire/a-result-is-read-as-it-was-said", test_result);
  g_test_add_func ("/trade/jobs-wire/only-a-providers-failure-has-no-cid", test_result_without_cid);
  g_test_add_func ("/trade/jobs-wire/a-peers-sentence-is-cut-and-cleaned", test_result_text);
  g_test_add_func ("/trade/jobs-wire/only-the-canonical-form-is-read", test_canonical);
  g_test_add_func ("/trade/jobs-wire/a-bid-is-taken-or-refused-with-a-reason", test_bid_reply);
  g_test_add_func ("/trade/jobs-wire/an-alarm-rings-once-at-its-last-time", test_alarm);
  return g_test_run ();
}
