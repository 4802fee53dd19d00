/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions and answers between two swarms.
 */
#include "swarm-pair.h"

#include "swarm/rpc.h"

typedef struct {
  Node *a, *b;
  SoukRpcRequest *kept;
  bool does_keep, does_refuse;
  unsigned n_asked, n_destroyed;
} Fixture;

typedef struct {
  bool is_done;
  GBytes *reply;
  GError *error;
} Reply;

static void
on_request (SoukSwarm *swarm, SoukRpcRequest *request, SoukSlice message, void *user)
{
  Fixture *f = user;
  f->n_asked++;
  g_assert_true (souk_peer_id_is_equal (souk_rpc_request_peer (request), &f->a->id));
  if (f->does_keep)
    {
      f->kept = request;
      return;
    }
  if (f->does_refuse)
    {
      souk_rpc_refuse (request);
      return;
    }
  g_autoptr (GByteArray) reply = g_byte_array_new ();
  souk_append (reply, SOUK_SLICE_LITERAL ("re: "));
  souk_append (reply, message);
  souk_rpc_reply (request, souk_slice_from_array (reply));
}

static void
count_destroyed (gpointer user)
{
  ((Fixture *)user)->n_destroyed++;
}

static void
on_reply (SoukSwarm *swarm, GBytes *reply, const GError *error, void *user)
{
  Reply *r = user;
  g_assert_false (r->is_done);
  r->is_done = true;
  r->reply = reply != NULL ? g_bytes_ref (reply) : NULL;
  r->error = error != NULL ? g_error_copy (error) : NULL;
}

static void
reply_done (Reply *r)
{
  g_clear_pointer (&r->reply, g_bytes_unref);
  g_clear_error (&r->error);
  *r = (Reply){ 0 };
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->a = node_new (1);
  f->b = node_new (2);
  souk_rpc_serve (f->b->swarm, "/ask/1", 5000000, 300, on_request, f, count_destroyed);
  connect_nodes (f->a, f->b);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  node_free (f->a);
  node_free (f->b);
  g_assert_cmpuint (f->n_destroyed, ==, f->kept == NULL);
  if (f->kept != NULL)
    souk_rpc_reply (f->kept, SOUK_SLICE_EMPTY);
  g_assert_cmpuint (f->n_destroyed, ==, 1);
}

static SoukRpcCall *
ask (Fixture *f, const char *protocol, GBytes *request, size_t max, unsigned ms, Reply *reply)
{
  return souk_rpc_call (f->a->swarm, &f->b->id, protocol, request, max, ms, on_reply, reply);
}

static void
test_answer (Fixture *f, gconstpointer data)
{
  Reply r = { 0 };
  g_autoptr (GBytes) request = g_bytes_new_static ("hello", 5);
  ask (f, "/ask/1", request, 100, 5000, &r);
  g_assert_false (r.is_done);
  wait_for (r.is_done);
  g_assert_no_error (r.error);
  g_assert_cmpmem (g_bytes_get_data (r.reply, NULL), g_bytes_get_size (r.reply), "re: hello", 9);
  reply_done (&r);

  g_autofree uint8_t *block = g_malloc0 (4000000);
  g_autoptr (GBytes) big = g_bytes_new (block, 4000000);
  ask (f, "/ask/1", big, 5000000, 5000, &r);
  wait_for (r.is_done);
  g_assert_cmpuint (g_bytes_get_size (r.reply), ==, 4000004);
  reply_done (&r);

  Reply many[50] = { 0 };
  for (int i = 0; i < 50; i++)
    ask (f, "/ask/1", request, 100, 5000, &many[i]);
  for (int i = 0; i < 50; i++)
    {
      wait_for (many[i].is_done);
      g_assert_no_error (many[i].error);
      reply_done (&many[i]);
    }
}

static void
test_errors (Fixture *f, gconstpointer data)
{
  Reply r = { 0 };
  g_autoptr (GBytes) request = g_bytes_new_static ("hello", 5);
  ask (f, "/none/1", request, 100, 5000, &r);
  wait_for (r.is_done);
  g_assert_error (r.error, SOUK_SWARM_ERROR, SOUK_STATUS_PROTOCOL_REFUSED);
  reply_done (&r);
  ask (f, "/ask/1", request, 3, 5000, &r);
  wait_for (r.is_done);
  g_assert_error (r.error, SOUK_SWARM_ERROR, SOUK_STATUS_TOO_LARGE);
  reply_done (&r);
  f->does_refuse = true;
  ask (f, "/ask/1", request, 100, 5000, &r);
  wait_for (r.is_done);
  g_assert_error (r.error, SOUK_SWARM_ERROR, SOUK_STATUS_STREAM_RESET);
  reply_done (&r);
  souk_rpc_call (f->b->swarm, &f->b->id, "/ask/1", request, 100, 5000, on_reply, &r);
  wait_for (r.is_done);
  g_assert_error (r.error, SOUK_SWARM_ERROR, SOUK_STATUS_CLOSED);
  reply_done (&r);
}

static void
test_timeout (Fixture *f, gconstpointer data)
{
  Reply r = { 0 };
  g_autoptr (GBytes) request = g_bytes_new_static ("hello", 5);
  f->does_keep = true;
  ask (f, "/ask/1", request, 100, 50, &r);
  wait_for (r.is_done);
  g_assert_error (r.error, SOUK_SWARM_ERROR, SOUK_STATUS_TIMED_OUT);
  reply_done (&r);
  /* The answer comes too late, to nobody; see tear_down. */
  g_assert_nonnull (f->kept);
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  Reply early = { 0 }, late = { 0 };
  g_autoptr (GBytes) request = g_bytes_new_static ("hello", 5);
  f->does_keep = true;
  SoukRpcCall *one = ask (f, "/ask/1", request, 100, 5000, &early);
  souk_rpc_cancel (one);
  SoukRpcCall *two = ask (f, "/ask/1", request, 100, 5000, &late);
  wait_for (f->n_asked > 0);
  souk_rpc_cancel (two);
  wait_for_ms (false, 50);
  g_assert_false (early.is_done || late.is_done);
}

static void
test_free_under_way (Fixture *f, gconstpointer data)
{
  Reply r = { 0 };
  g_autoptr (GBytes) request = g_bytes_new_static ("hello", 5);
  f->does_keep = true;
  ask (f, "/ask/1", request, 100, 5000, &r);
  wait_for (f->kept != NULL);
  node_free (f->a);
  g_assert_true (r.is_done);
  reply_done (&r);
  f->a = node_new (3);
}

#define ADD(name, test) g_test_add ("/swarm/rpc/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("questions-are-answered", test_answer);
  ADD ("each-failure-has-its-error", test_errors);
  ADD ("an-answer-that-does-not-come-times-out", test_timeout);
  ADD ("a-cancelled-call-is-silent", test_cancel);
  ADD ("a-swarm-that-ends-ends-its-calls", test_free_under_way);
  return g_test_run ();
}
