/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Streams between two swarms: messages, backpressure, ends.
 */
#include "swarm-pair.h"

#define PROTOCOL "/test/1"

/* What one end of a stream has seen. */
typedef struct {
  SoukStream *stream; /* with a reference */
  size_t message_max;
  GByteArray *got;
  unsigned n_messages, n_drained;
  bool has_end, is_closed, is_destroyed, does_echo, does_stop;
  SoukStatus status;
} End;

static size_t
end_data (SoukStream *stream, SoukSlice in, void *user)
{
  End *end = user;
  if (end->does_stop)
    return 0;
  souk_append (end->got, in);
  return in.len;
}

static void
end_message (SoukStream *stream, SoukSlice message, void *user)
{
  End *end = user;
  end->n_messages++;
  souk_append (end->got, message);
  if (end->does_echo)
    g_assert_true (souk_stream_send (stream, message));
}

static void
end_drained (SoukStream *stream, void *user)
{
  ((End *)user)->n_drained++;
}

static void
end_end (SoukStream *stream, void *user)
{
  ((End *)user)->has_end = true;
}

static void
end_closed (SoukStream *stream, SoukStatus status, void *user)
{
  End *end = user;
  g_assert_false (end->is_closed);
  end->is_closed = true;
  end->status = status;
}

static void
end_destroyed (gpointer user)
{
  End *end = user;
  g_assert_false (end->is_destroyed);
  end->is_destroyed = true;
}

static const SoukStreamHandlers handlers = { .on_data = end_data,
                                             .on_message = end_message,
                                             .on_drained = end_drained,
                                             .on_end = end_end,
                                             .on_closed = end_closed };

static void
end_start (End *end, SoukStream *stream)
{
  end->stream = souk_stream_ref (stream);
  end->got = g_byte_array_new ();
  souk_stream_start (stream, &handlers, end->message_max, end, end_destroyed);
}

static void
end_done (End *end)
{
  g_clear_pointer (&end->stream, souk_stream_unref);
  g_clear_pointer (&end->got, g_byte_array_unref);
}

static void
on_inbound (SoukSwarm *swarm, SoukStream *stream, void *user)
{
  end_start (user, stream);
}

static void
on_opened (SoukSwarm *swarm, SoukStream *stream, const GError *error, void *user)
{
  g_assert_no_error (error);
  end_start (user, stream);
}

typedef struct {
  Node *a, *b;
  End from, to;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->a = node_new (1);
  f->b = node_new (2);
  f->from.message_max = f->to.message_max = GPOINTER_TO_SIZE (data);
  souk_swarm_serve (f->b->swarm, PROTOCOL, on_inbound, &f->to, NULL);
  connect_nodes (f->a, f->b);
  souk_swarm_open (f->a->swarm, &f->b->id, PROTOCOL, on_opened, &f->from);
  wait_for (f->from.stream != NULL && f->to.stream != NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  node_free (f->a);
  node_free (f->b);
  g_assert_true (f->from.is_destroyed);
  g_assert_true (f->to.is_destroyed);
  end_done (&f->from);
  end_done (&f->to);
}

static void
test_messages (Fixture *f, gconstpointer data)
{
  g_autofree uint8_t *big = g_malloc0 (3000000);
  f->to.does_echo = true;
  g_assert_cmpstr (souk_stream_protocol (f->to.stream), ==, PROTOCOL);
  g_assert_true (souk_stream_is_inbound (f->to.stream));
  g_assert_true (souk_peer_id_is_equal (souk_stream_peer (f->to.stream), &f->a->id));
  g_assert_true (souk_stream_send (f->from.stream, SOUK_SLICE_LITERAL ("one")));
  g_assert_true (souk_stream_send (f->from.stream, SOUK_SLICE_EMPTY));
  g_assert_true (souk_stream_send (f->from.stream, souk_slice (big, 3000000)));
  g_assert_true (souk_stream_send (f->from.stream, SOUK_SLICE_LITERAL ("end")));
  wait_for (f->from.n_messages == 4);
  g_assert_cmpuint (f->from.got->len, ==, 3000006);
  g_assert_cmpmem (f->from.got->data, 3, "one", 3);
  souk_stream_close_write (f->from.stream);
  wait_for (f->to.has_end);
  souk_stream_close_write (f->to.stream);
  wait_for (f->from.is_closed && f->to.is_closed);
  g_assert_cmpint (f->from.status, ==, SOUK_STATUS_OK);
  g_assert_cmpint (f->to.status, ==, SOUK_STATUS_OK);
  g_assert_true (souk_stream_is_closed (f->from.stream));
  g_assert_false (souk_stream_send (f->from.stream, SOUK_SLICE_LITERAL ("late")));
}

static void
test_oversize (Fixture *f, gconstpointer data)
{
  g_assert_true (souk_stream_write (f->from.stream, SOUK_SLICE_LITERAL ("\xff\xff\xff\x7f")));
  wait_for (f->to.is_closed && f->from.is_closed);
  g_assert_cmpint (f->to.status, ==, SOUK_STATUS_TOO_LARGE);
  g_assert_cmpint (f->from.status, ==, SOUK_STATUS_STREAM_RESET);
  g_autoptr (SoukPeerInfo) info = souk_swarm_peer_info (f->b->swarm, &f->a->id);
  g_assert_cmpfloat (info->score, >, 5);
}

static void
test_cut_message (Fixture *f, gconstpointer data)
{
  g_assert_true (souk_stream_write (f->from.stream, SOUK_SLICE_LITERAL ("\x05"
                                                                        "abc")));
  souk_stream_close_write (f->from.stream);
  wait_for (f->to.is_closed);
  g_assert_cmpint (f->to.status, ==, SOUK_STATUS_CUT_OFF);
}

static void
test_backpressure (Fixture *f, gconstpointer data)
{
  g_autofree uint8_t *block = g_malloc0 (100000);
  size_t sent = 0;
  souk_stream_set_queue_max (f->from.stream, 1000000);
  souk_stream_pause (f->to.stream);
  for (int i = 0; i < 200; i++)
    {
      if (souk_stream_write (f->from.stream, souk_slice (block, 100000)))
        sent += 100000;
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  /* The window, the connection's queue and the stream's own. */
  g_assert_cmpuint (sent, <, 3000000);
  g_assert_cmpuint (souk_stream_queued (f->from.stream), <=, 1000000);
  g_assert_cmpuint (f->to.got->len, ==, 0);
  g_assert_cmpuint (f->from.n_drained, ==, 0);
  souk_stream_resume (f->to.stream);
  wait_for (f->to.got->len == sent);
  wait_for (f->from.n_drained > 0);
  g_assert_cmpuint (souk_stream_queued (f->from.stream), ==, 0);
}

/* What on_data leaves comes again. */
static void
test_not_taken (Fixture *f, gconstpointer data)
{
  f->to.does_stop = true;
  souk_stream_write (f->from.stream, SOUK_SLICE_LITERAL ("wait"));
  wait_for_ms (false, 100);
  g_assert_cmpuint (f->to.got->len, ==, 0);
  f->to.does_stop = false;
  souk_stream_resume (f->to.stream);
  wait_for (f->to.got->len == 4);
}

static void
test_close_after_queue (Fixture *f, gconstpointer data)
{
  g_autofree uint8_t *block = g_malloc0 (5000000);
  g_assert_true (souk_stream_write (f->from.stream, souk_slice (block, 5000000)));
  souk_stream_close_write (f->from.stream);
  g_assert_false (souk_stream_write (f->from.stream, SOUK_SLICE_LITERAL ("x")));
  wait_for (f->to.has_end);
  g_assert_cmpuint (f->to.got->len, ==, 5000000);
}

static void
test_reset (Fixture *f, gconstpointer data)
{
  souk_stream_reset (f->from.stream);
  g_assert_true (f->from.is_destroyed);
  g_assert_false (f->from.is_closed);
  wait_for (f->to.is_closed);
  g_assert_cmpint (f->to.status, ==, SOUK_STATUS_STREAM_RESET);
}

static void
test_connection_lost (Fixture *f, gconstpointer data)
{
  souk_swarm_disconnect (f->a->swarm, &f->b->id);
  g_assert_true (f->from.is_closed);
  g_assert_cmpint (f->from.status, ==, SOUK_STATUS_CLOSED);
  wait_for (f->to.is_closed);
}

static void
test_timeout (Fixture *f, gconstpointer data)
{
  souk_stream_set_timeout (f->from.stream, 50);
  wait_for (f->from.is_closed);
  g_assert_cmpint (f->from.status, ==, SOUK_STATUS_TIMED_OUT);
  wait_for (f->to.is_closed);
}

typedef struct {
  bool is_done;
  char *protocol;
  GError *error;
} Opening;

static void
on_any (SoukSwarm *swarm, SoukStream *stream, const GError *error, void *user)
{
  Opening *opening = user;
  g_assert_false (opening->is_done);
  opening->is_done = true;
  opening->protocol = stream != NULL ? g_strdup (souk_stream_protocol (stream)) : NULL;
  opening->error = error != NULL ? g_error_copy (error) : NULL;
  /* It is not started: it is reset behind this. */
}

static void
test_open_any (Fixture *f, gconstpointer data)
{
  static const char *const both[] = { "/no/1", PROTOCOL, NULL };
  static const char *const none[] = { "/no/1", "/no/2", NULL };
  Opening one = { 0 }, two = { 0 }, three = { 0 };
  End more = { 0 };
  souk_swarm_serve (f->b->swarm, PROTOCOL, on_inbound, &more, NULL);
  souk_swarm_open_any (f->a->swarm, &f->b->id, both, on_any, &one);
  souk_swarm_open_any (f->a->swarm, &f->b->id, none, on_any, &two);
  souk_swarm_open_any (f->b->swarm, &f->b->id, both, on_any, &three);
  g_assert_false (one.is_done || two.is_done || three.is_done);
  wait_for (one.is_done && two.is_done && three.is_done);
  g_assert_cmpstr (one.protocol, ==, PROTOCOL);
  g_assert_error (two.error, SOUK_SWARM_ERROR, SOUK_STATUS_PROTOCOL_REFUSED);
  g_assert_error (three.error, SOUK_SWARM_ERROR, SOUK_STATUS_CLOSED);
  wait_for (more.is_closed);
  g_free (one.protocol);
  g_clear_error (&two.error);
  g_clear_error (&three.error);
  end_done (&more);
}

/* With one protocol the refusal comes when the stream has begun. */
static void
test_refused (Fixture *f, gconstpointer data)
{
  End more = { 0 };
  souk_swarm_open (f->a->swarm, &f->b->id, "/no/1", on_opened, &more);
  wait_for (more.stream != NULL);
  wait_for (more.is_closed);
  g_assert_cmpint (more.status, ==, SOUK_STATUS_PROTOCOL_REFUSED);
  end_done (&more);
}

/* A connection inside a stream, as through a relay. */
static void
on_under (SoukSwarm *swarm, SoukStream *stream, void *user)
{
  Node *node = user;
  SoukMultiaddr addr;
  souk_multiaddr_parse ("/ip4/127.0.0.1/tcp/1/p2p-circuit", &addr);
  souk_swarm_adopt (swarm, stream, false, NULL, &addr, NULL, NULL);
  (void)node;
}

typedef struct {
  Node *middle, *far;
  Outcome outcome;
} Relayed;

static void
on_under_opened (SoukSwarm *swarm, SoukStream *stream, const GError *error, void *user)
{
  Relayed *relayed = user;
  SoukMultiaddr addr;
  g_assert_no_error (error);
  souk_multiaddr_parse ("/ip4/127.0.0.1/tcp/1/p2p-circuit", &addr);
  souk_swarm_adopt (swarm, stream, true, &relayed->far->id, &addr, outcome_dial, &relayed->outcome);
}

static void
test_adopt (void)
{
  /* Two swarms at one place: a's stream to b is served by a connection of `far`, whose socket to a is
   * closed, so that only the way inside the stream is left. */
  g_autoptr (Node) a = node_new (1);
  g_autoptr (Node) far = node_new (2);
  End to = { 0 };
  Relayed relayed = { .far = far };
  souk_swarm_serve (far->swarm, "/under/1", on_under, far, NULL);
  souk_swarm_serve (far->swarm, PROTOCOL, on_inbound, &to, NULL);
  connect_nodes (a, far);
  souk_swarm_open (a->swarm, &far->id, "/under/1", on_under_opened, &relayed);
  wait_for (relayed.outcome.is_done);
  g_assert_no_error (relayed.outcome.error);
  g_assert_true (relayed.outcome.is_good);
  End from = { 0 };
  souk_swarm_open (a->swarm, &far->id, PROTOCOL, on_opened, &from);
  wait_for (to.stream != NULL);
  /* The direct connection is preferred. */
  g_assert_false (souk_stream_is_relayed (from.stream));
  souk_swarm_disconnect (a->swarm, &far->id);
  wait_for (to.is_closed && from.is_closed);
  end_done (&to);
  end_done (&from);
}

#define ADD(name, test, max)                                                                       \
  g_test_add ("/swarm/stream/" name, Fixture, GSIZE_TO_POINTER (max), set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("messages-of-all-sizes-go-and-come-back", test_messages, 4000000);
  ADD ("a-message-above-the-limit-resets-and-costs-score", test_oversize, 1000);
  ADD ("half-a-message-is-not-an-end", test_cut_message, 1000);
  ADD ("a-paused-reader-stops-the-writer", test_backpressure, 0);
  ADD ("what-is-not-taken-comes-again", test_not_taken, 0);
  ADD ("closing-waits-for-what-is-queued", test_close_after_queue, 0);
  ADD ("a-reset-ends-both-ends", test_reset, 0);
  ADD ("a-lost-connection-closes-its-streams", test_connection_lost, 0);
  ADD ("a-stream-can-have-a-time-limit", test_timeout, 0);
  ADD ("the-first-protocol-that-is-served-is-taken", test_open_any, 0);
  ADD ("a-refusal-closes-the-stream", test_refused, 0);
  g_test_add_func ("/swarm/stream/a-connection-runs-inside-a-stream", test_adopt);
  return g_test_run ();
}
