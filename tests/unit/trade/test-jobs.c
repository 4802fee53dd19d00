/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of the compute flow (trade/jobs*.c, works*.c): two whole nodes and a real sandbox, and
 * strangers that say what they should not.
 */
#include "jobs-node.h"
#include "trade/jobs-wire.h"

#include "swarm/clock.h"

#include <string.h>

/* (module (memory (export "memory") 1) (func (export "_start"))) */
static const uint8_t nothing_wasm[]
    = { 0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00,
        0x00, 0x03, 0x02, 0x01, 0x00, 0x05, 0x03, 0x01, 0x00, 0x01, 0x07, 0x13, 0x02,
        0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x00, 0x06, 0x5f, 0x73, 0x74,
        0x61, 0x72, 0x74, 0x00, 0x00, 0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b };
/* The same with an endless loop in it. */
static const uint8_t endless_wasm[]
    = { 0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00,
        0x03, 0x02, 0x01, 0x00, 0x05, 0x03, 0x01, 0x00, 0x01, 0x07, 0x13, 0x02, 0x06, 0x6d,
        0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x00, 0x06, 0x5f, 0x73, 0x74, 0x61, 0x72, 0x74,
        0x00, 0x00, 0x0a, 0x09, 0x01, 0x07, 0x00, 0x03, 0x40, 0x0c, 0x00, 0x0b, 0x0b };

/* ---- asking ---- */

static JsonObject *
job_args (const char *cid)
{
  JsonObject *args = json_object_new ();
  json_object_set_string_member (args, "module", cid);
  json_object_set_string_member (args, "title", "A test's job");
  json_object_set_int_member (args, "bid_window_ms", 500);
  json_object_set_int_member (args, "wall_ms", 15000);
  return args;
}

/* Asks for a job. Returns: (transfer full): its id. */
static char *
request (JobsNode *node, const void *module, size_t len)
{
  g_autofree char *cid = jobs_add (node, module, len);
  g_autoptr (JsonObject) args = job_args (cid);
  g_autoptr (JsonObject) job = jobs_call (node, "compute.request", args, NULL);
  g_assert_cmpstr (json_object_get_string_member (job, "phase"), ==, "posted");
  return g_strdup (json_object_get_string_member (job, "id"));
}

static JsonObject *
show (JobsNode *node, const char *id)
{
  g_autoptr (JsonObject) args = json_object_new ();
  json_object_set_string_member (args, "id", id);
  return jobs_call (node, "compute.show", args, NULL);
}

typedef struct {
  JobsNode *node;
  const char *id;
  const char *phase; /* NULL: its end */
} Until;

static bool
is_at (void *user)
{
  Until *until = user;
  g_autoptr (JsonObject) job = show (until->node, until->id);
  if (until->phase == NULL)
    return json_object_get_boolean_member (job, "is_final");
  return strcmp (json_object_get_string_member (job, "phase"), until->phase) == 0;
}

static JsonObject *
wait_for (JobsNode *node, const char *id, const char *phase)
{
  Until until = { node, id, phase };
  jobs_wait (is_at, &until, phase != NULL ? phase : "the end of the job");
  return show (node, id);
}

/* ---- whole jobs ---- */

static void
test_free_job (void)
{
  JobsNode *provider = jobs_node_new (1, true);
  JobsNode *requester = jobs_node_new (2, false);
  if (jobs_has_sandbox (provider))
    {
      jobs_node_connect (requester, provider);
      g_autofree char *id = request (requester, nothing_wasm, sizeof nothing_wasm);
      g_autoptr (JsonObject) job = wait_for (requester, id, NULL);
      g_assert_cmpstr (json_object_get_string_member (job, "phase"), ==, "settled");
      g_assert_false (json_object_has_member (job, "failure"));
      g_assert_cmpint (json_object_get_int_member (job, "exit_code"), ==, 0);
      g_assert_cmpuint (requester->phases->len, >=, 6);

      g_autoptr (JsonObject) args = json_object_new ();
      json_object_set_string_member (args, "id", id);
      g_autoptr (JsonObject) result = jobs_call (requester, "compute.result", args, NULL);
      g_assert_cmpstr (json_object_get_string_member (result, "stdout"), ==, "");
      g_assert_cmpuint (souk_jobs_count (requester->jobs), ==, 0);
    }
  jobs_node_free (requester);
  jobs_node_free (provider);
}

static void
test_cancelled_job (void)
{
  JobsNode *provider = jobs_node_new (1, true);
  JobsNode *requester = jobs_node_new (2, false);
  if (jobs_has_sandbox (provider))
    {
      jobs_node_connect (requester, provider);
      g_autofree char *id = request (requester, endless_wasm, sizeof endless_wasm);
      g_autoptr (JsonObject) running = wait_for (requester, id, "running");
      g_assert_cmpuint (souk_works_count (provider->works), ==, 1);
      g_autoptr (JsonObject) args = json_object_new ();
      json_object_set_string_member (args, "id", id);
      g_autoptr (JsonObject) job = jobs_call (requester, "compute.cancel", args, NULL);
      g_assert_cmpstr (json_object_get_string_member (job, "phase"), ==, "cancelled");
      jobs_settle (300);
      g_assert_cmpuint (souk_works_count (provider->works), ==, 0);
      g_assert_cmpstr (provider->phases->pdata[provider->phases->len - 1], ==, "cancelled");
    }
  jobs_node_free (requester);
  jobs_node_free (provider);
}

/* A node that is taken down in the middle leaks nothing and calls nobody. */
static void
test_stop_in_the_middle (void)
{
  JobsNode *provider = jobs_node_new (1, true);
  JobsNode *requester = jobs_node_new (2, false);
  if (jobs_has_sandbox (provider))
    {
      jobs_node_connect (requester, provider);
      g_autofree char *id = request (requester, endless_wasm, sizeof endless_wasm);
      g_autoptr (JsonObject) running = wait_for (requester, id, "running");
    }
  jobs_node_free (provider);
  jobs_settle (50);
  jobs_node_free (requester);
}

static void
test_bad_requests (void)
{
  JobsNode *node = jobs_node_new (1, false);
  g_autofree char *cid = jobs_add (node, nothing_wasm, sizeof nothing_wasm);
  g_autofree char *text = jobs_add (node, "hello", 5);
  const struct {
    const char *name, *value, *code;
  } rows[] = {
    { "module", "nonsense", "bad-cid" }, { "module", text, "not-a-module" },
    { "max_price", "-1", "bad-amount" }, { "max_price", "0.1", "no-chain" },
    { "input", "nonsense", "bad-cid" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (JsonObject) args = job_args (cid);
      g_autofree char *code = NULL;
      json_object_set_string_member (args, rows[i].name, rows[i].value);
      g_autoptr (JsonObject) reply = jobs_call (node, "compute.request", args, &code);
      g_assert_null (reply);
      g_assert_cmpstr (code, ==, rows[i].code);
    }
  g_assert_cmpuint (souk_jobs_count (node->jobs), ==, 0);
  jobs_node_free (node);
}

/* ---- strangers at the requester's ---- */

typedef struct {
  bool is_done;
  char *code; /* of the refusal; NULL: taken */
} BidAnswer;

static void
on_bid_answer (SoukSwarm *swarm, GBytes *reply, const GError *error, void *user)
{
  BidAnswer *answer = user;
  g_assert_no_error (error);
  SOUK_AUTO_MESSAGE Souk__BidReply *message
      = souk_message_unpack (&souk__bid_reply__descriptor, souk_slice_from_bytes (reply));
  g_assert_nonnull (message);
  if (message->body_case == SOUK__BID_REPLY__BODY_REFUSAL)
    answer->code = g_strdup (message->refusal->code);
  answer->is_done = true;
}

static bool
is_bid_answered (void *user)
{
  return ((BidAnswer *)user)->is_done;
}

/* Returns: (transfer full) (nullable): the refusal's code. */
static char *
bid (JobsNode *stranger, JobsNode *to, SoukSlice message)
{
  BidAnswer answer = { 0 };
  g_autoptr (GBytes) bytes = souk_slice_to_bytes (message);
  souk_rpc_call (stranger->swarm, &to->id, SOUK_BID_PROTOCOL, bytes, SOUK_BID_MESSAGE_MAX, 5000,
                 on_bid_answer, &answer);
  jobs_wait (is_bid_answered, &answer, "the answer to a bid");
  return answer.code;
}

/* What the board heard last. */
static void
on_record (SoukBoard *board, const SoukRecord *record, SoukPutResult result, void *user)
{
  SoukRecord **out = user;
  if (record->is_withdrawn || *out != NULL)
    return;
  SoukStatus status = souk_record_decode_kept (souk_slice_from_bytes (record->bytes), out);
  g_assert_cmpint (status, ==, SOUK_STATUS_OK);
}

static SoukBid
bid_for (const SoukRecord *record, JobsNode *stranger)
{
  SoukBid bid = {
    .peer = stranger->id,
    .eta_ms = 100,
    .valid_until = souk_wall_seconds (souk_wall_now ()) + 100,
  };
  memcpy (bid.job, record->thing, sizeof bid.job);
  souk_job_hash (bid.job_hash, souk_slice_from_bytes (record->body));
  return bid;
}

static void
test_strange_bids (void)
{
  JobsNode *requester = jobs_node_new (1, false);
  JobsNode *stranger = jobs_stranger_new (2);
  g_autoptr (SoukRecord) record = NULL;
  souk_board_watch (requester->board, on_record, &record);
  jobs_node_connect (stranger, requester);
  g_autofree char *id = request (requester, nothing_wasm, sizeof nothing_wasm);
  g_autoptr (JsonObject) bidding = wait_for (requester, id, "bidding");
  g_assert_nonnull (record);

  SoukBid strange = bid_for (record, stranger);
  memset (strange.job, 9, sizeof strange.job);
  g_autoptr (GBytes) other_job = souk_bid_to_bytes (&strange);
  g_autofree char *code = bid (stranger, requester, souk_slice_from_bytes (other_job));
  g_assert_cmpstr (code, ==, "bid-job");

  strange = bid_for (record, stranger);
  strange.valid_until = 5;
  g_autoptr (GBytes) expired = souk_bid_to_bytes (&strange);
  g_autofree char *late = bid (stranger, requester, souk_slice_from_bytes (expired));
  g_assert_cmpstr (late, ==, "bid-expired");

  g_autofree char *garbage = bid (stranger, requester, SOUK_SLICE_LITERAL ("garbage"));
  g_assert_nonnull (garbage);

  strange = bid_for (record, stranger);
  g_autoptr (GBytes) good = souk_bid_to_bytes (&strange);
  g_assert_null (bid (stranger, requester, souk_slice_from_bytes (good)));

  /* Who does not answer the award is left: the job ends without a provider. */
  g_autoptr (JsonObject) job = wait_for (requester, id, NULL);
  g_assert_cmpstr (json_object_get_string_member (job, "phase"), ==, "no-bids");
  g_autofree char *after = bid (stranger, requester, souk_slice_from_bytes (good));
  g_assert_true (g_strcmp0 (after, "bid-late") == 0 || g_strcmp0 (after, "bid-job") == 0);
  jobs_node_free (stranger);
  jobs_node_free (requester);
}

/* ---- strangers at the provider's ---- */

/* One conversation of a stranger's. */
typedef struct {
  SoukStream *stream;
  Souk__JobMessage__BodyCase heard;
  char *code;
  bool is_closed;
  SoukStatus closed;
} Talk;

static void
on_message (SoukStream *stream, SoukSlice in, void *user)
{
  Talk *talk = user;
  SOUK_AUTO_MESSAGE Souk__JobMessage *message = souk_job_message_read (in);
  g_assert_nonnull (message);
  talk->heard = message->body_case;
  if (message->body_case == SOUK__JOB_MESSAGE__BODY_REFUSAL)
    talk->code = g_strdup (message->refusal->code);
}

static void
on_closed (SoukStream *stream, SoukStatus status, void *user)
{
  Talk *talk = user;
  talk->is_closed = true;
  talk->closed = status;
}

static const SoukStreamHandlers handlers = { .on_message = on_message, .on_closed = on_closed };

static void
on_open (SoukSwarm *swarm, SoukStream *stream, const GError *error, void *user)
{
  Talk *talk = user;
  g_assert_no_error (error);
  talk->stream = stream;
  souk_stream_start (stream, &handlers, SOUK_JOB_MESSAGE_MAX, talk, NULL);
}

static bool
is_open (void *user)
{
  return ((Talk *)user)->stream != NULL;
}

static bool
has_heard (void *user)
{
  return ((Talk *)user)->heard != SOUK__JOB_MESSAGE__BODY__NOT_SET;
}

static bool
is_closed (void *user)
{
  return ((Talk *)user)->is_closed;
}

static void
open_talk (Talk *talk, JobsNode *from, JobsNode *to)
{
  souk_swarm_open (from->swarm, &to->id, SOUK_JOB_PROTOCOL, on_open, talk);
  jobs_wait (is_open, talk, "a stream");
}

static void
say_award (Talk *talk, const uint8_t id[32])
{
  Souk__Award award = SOUK__AWARD__INIT;
  Souk__JobMessage message = SOUK__JOB_MESSAGE__INIT;
  award.bid = souk_field_from_slice (souk_slice (id, 32));
  message.body_case = SOUK__JOB_MESSAGE__BODY_AWARD;
  message.award = &award;
  g_assert_true (souk_job_message_send (talk->stream, &message));
}

static void
test_strange_awards (void)
{
  static const uint8_t nobody[32] = { 7 };
  JobsNode *provider = jobs_node_new (1, false);
  JobsNode *stranger = jobs_stranger_new (2);
  Talk award = { 0 }, follow = { 0 }, garbage = { 0 };
  jobs_node_connect (stranger, provider);

  open_talk (&award, stranger, provider);
  say_award (&award, nobody);
  jobs_wait (has_heard, &award, "the refusal of an award");
  g_assert_cmpstr (award.code, ==, "no-such-bid");

  open_talk (&follow, stranger, provider);
  souk_job_send_id (follow.stream, SOUK__JOB_MESSAGE__BODY_FOLLOW, souk_slice (nobody, 32));
  jobs_wait (has_heard, &follow, "the refusal of a follow");
  g_assert_cmpstr (follow.code, ==, "no-such-bid");

  open_talk (&garbage, stranger, provider);
  souk_stream_send (garbage.stream, SOUK_SLICE_LITERAL ("\xff\xff"));
  jobs_wait (is_closed, &garbage, "the end of a talk of garbage");
  g_autoptr (SoukPeerInfo) info = souk_swarm_peer_info (provider->swarm, &stranger->id);
  g_assert_cmpfloat (info->score, >, 0);
  jobs_node_free (stranger);
  jobs_node_free (provider);
  g_free (award.code);
  g_free (follow.code);
}

static void
test_many_talks (void)
{
  JobsNode *provider = jobs_node_new (1, false);
  JobsNode *stranger = jobs_stranger_new (2);
  Talk talks[SOUK_WORKS_STREAMS_PER_PEER_MAX + 4] = { 0 };
  unsigned open = 0;
  jobs_node_connect (stranger, provider);
  for (size_t i = 0; i < G_N_ELEMENTS (talks); i++)
    open_talk (&talks[i], stranger, provider);
  jobs_settle (300);
  for (size_t i = 0; i < G_N_ELEMENTS (talks); i++)
    open += !talks[i].is_closed;
  g_assert_cmpuint (open, <=, SOUK_WORKS_STREAMS_PER_PEER_MAX);
  jobs_node_free (stranger);
  jobs_node_free (provider);
}

/* Takes the provider's bid, as a requester does. */
static void
on_bid (SoukSwarm *swarm, SoukRpcRequest *request, SoukSlice message, void *user)
{
  SoukBid *out = user;
  SoukStatus status = souk_bid_from_bytes (message, souk_rpc_request_peer (request), out);
  g_assert_cmpint (status, ==, SOUK_STATUS_OK);
  g_autoptr (GBytes) reply = souk_bid_reply_new (out->id, NULL, NULL);
  souk_rpc_reply (request, souk_slice_from_bytes (reply));
}

static bool
has_bid (void *user)
{
  return ((SoukBid *)user)->valid_until > 0;
}

/* A bid is awarded by its requester alone, whoever else has learnt its id. */
static void
test_award_of_anothers_bid (void)
{
  JobsNode *provider = jobs_node_new (1, true);
  JobsNode *requester = jobs_node_new (2, false);
  JobsNode *stranger = jobs_stranger_new (3);
  SoukBid made = { 0 };
  Talk talk = { 0 };
  if (jobs_has_sandbox (provider))
    {
      souk_rpc_serve (requester->swarm, SOUK_BID_PROTOCOL, SOUK_BID_MESSAGE_MAX, 5000, on_bid,
                      &made, NULL);
      jobs_node_connect (requester, provider);
      jobs_node_connect (stranger, provider);
      g_autofree char *id = request (requester, nothing_wasm, sizeof nothing_wasm);
      jobs_wait (has_bid, &made, "the provider's bid");
      open_talk (&talk, stranger, provider);
      say_award (&talk, made.id);
      jobs_wait (has_heard, &talk, "the refusal");
      g_assert_cmpstr (talk.code, ==, "no-such-bid");
      g_assert_cmpuint (souk_works_count (provider->works), ==, 0);
    }
  jobs_node_free (stranger);
  jobs_node_free (requester);
  jobs_node_free (provider);
  g_free (talk.code);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trade/jobs/a-free-job-runs-on-another-node", test_free_job);
  g_test_add_func ("/trade/jobs/a-cancelled-job-stops-at-its-provider", test_cancelled_job);
  g_test_add_func ("/trade/jobs/a-node-may-stop-in-the-middle-of-a-job", test_stop_in_the_middle);
  g_test_add_func ("/trade/jobs/a-request-that-cannot-work-is-refused-by-name", test_bad_requests);
  g_test_add_func ("/trade/jobs/a-bid-is-refused-with-its-reason", test_strange_bids);
  g_test_add_func ("/trade/works/an-award-of-nobodys-bid-is-refused", test_strange_awards);
  g_test_add_func ("/trade/works/a-peer-holds-only-so-many-talks", test_many_talks);
  g_test_add_func ("/trade/works/only-the-requester-awards-a-bid", test_award_of_anothers_bid);
  return g_test_run ();
}
