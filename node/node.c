/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The node's thread, and how other threads speak to it. See node.h; parts.c has what it is made of.
 *
 * Two ways lead across: a command goes in by g_main_context_invoke_full() and its answer comes back
 * the same way; events go out in batches, one timer for each subscriber. JSON values that cross are
 * not changed any more by either side.
 */
#include "node.h"

#include "parts.h"

#include <string.h>

/* Events that come within one frame go out together. */
#define BATCH_MS 16
/* A subscriber that does not run keeps this many; then the oldest are dropped, and an
 * event "events.dropped" says how many. */
#define BATCH_MAX 10000

struct SoukNode {
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  SoukParts parts; /* the node thread's */

  GMutex lock;
  GCond changed;
  bool is_started; /* ready, or failed with `error` */
  GError *error;
  const SoukNodeConfig *config; /* the start only */
  SoukNodeReady ready;
  GStrv ready_listen;
  GPtrArray *subscribers; /* of Subscriber, under the lock */
  guint next_id;
};

typedef struct {
  gatomicrefcount refs;
  guint id;
  SoukNodeEvents func;
  gpointer user_data;
  GMainContext *context;
  GMutex lock;
  JsonArray *pending; /* NULL: none, and no timer runs */
  guint n_dropped;
  bool is_gone;
} Subscriber;

/* ---- events ---- */

static void
subscriber_unref (gpointer data)
{
  Subscriber *subscriber = data;
  if (!g_atomic_ref_count_dec (&subscriber->refs))
    return;
  g_clear_pointer (&subscriber->pending, json_array_unref);
  g_main_context_unref (subscriber->context);
  g_mutex_clear (&subscriber->lock);
  g_free (subscriber);
}

static gboolean
deliver_batch (gpointer user_data)
{
  Subscriber *subscriber = user_data;
  g_mutex_lock (&subscriber->lock);
  g_autoptr (JsonArray) batch = g_steal_pointer (&subscriber->pending);
  bool is_gone = subscriber->is_gone;
  if (subscriber->n_dropped > 0)
    {
      JsonObject *told = json_object_new ();
      json_object_set_string_member (told, "event", "events.dropped");
      json_object_set_int_member (told, "count", subscriber->n_dropped);
      json_array_add_object_element (batch, told);
      subscriber->n_dropped = 0;
    }
  g_mutex_unlock (&subscriber->lock);
  if (!is_gone && batch != NULL)
    subscriber->func (batch, subscriber->user_data);
  return G_SOURCE_REMOVE;
}

/* Queues one event for a subscriber, and starts its timer when none runs. */
static void
subscriber_push (Subscriber *subscriber, JsonObject *event)
{
  g_mutex_lock (&subscriber->lock);
  bool is_first = subscriber->pending == NULL;
  if (is_first)
    subscriber->pending = json_array_new ();
  if (json_array_get_length (subscriber->pending) >= BATCH_MAX)
    {
      json_array_remove_element (subscriber->pending, 0);
      subscriber->n_dropped++;
    }
  json_array_add_object_element (subscriber->pending, json_object_ref (event));
  g_mutex_unlock (&subscriber->lock);
  if (!is_first)
    return;

  GSource *timer = g_timeout_source_new (BATCH_MS);
  g_atomic_ref_count_inc (&subscriber->refs);
  g_source_set_callback (timer, deliver_batch, subscriber, subscriber_unref);
  g_source_attach (timer, subscriber->context);
  g_source_unref (timer);
}

static void
on_event (JsonObject *event, gpointer user_data)
{
  SoukNode *self = user_data;
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->subscribers->len; i++)
    subscriber_push (self->subscribers->pdata[i], event);
  g_mutex_unlock (&self->lock);
}

guint
souk_node_subscribe (SoukNode *self, SoukNodeEvents func, gpointer user_data)
{
  Subscriber *subscriber = g_new0 (Subscriber, 1);
  g_atomic_ref_count_init (&subscriber->refs);
  g_mutex_init (&subscriber->lock);
  subscriber->func = func;
  subscriber->user_data = user_data;
  subscriber->context = g_main_context_ref_thread_default ();
  g_mutex_lock (&self->lock);
  subscriber->id = ++self->next_id;
  g_ptr_array_add (self->subscribers, subscriber);
  g_mutex_unlock (&self->lock);
  return subscriber->id;
}

void
souk_node_unsubscribe (SoukNode *self, guint id)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->subscribers->len; i++)
    {
      Subscriber *subscriber = self->subscribers->pdata[i];
      if (subscriber->id != id)
        continue;
      g_mutex_lock (&subscriber->lock);
      subscriber->is_gone = true;
      g_mutex_unlock (&subscriber->lock);
      g_ptr_array_remove_index (self->subscribers, i);
      break;
    }
  g_mutex_unlock (&self->lock);
}

/* ---- commands ---- */

/* A command on its way in, then its answer on the way out. */
typedef struct {
  SoukNode *node;
  char *command;
  JsonNode *args;
  GBytes *body; /* NULL: the command takes none */
  SoukNodeReply reply;
  gpointer user_data;
  GMainContext *context; /* the caller's */
  JsonNode *answer;
  SoukProblem *problem;
} Submission;

static void
submission_free (gpointer data)
{
  Submission *submission = data;
  g_free (submission->command);
  g_clear_pointer (&submission->args, json_node_unref);
  g_clear_pointer (&submission->body, g_bytes_unref);
  g_clear_pointer (&submission->answer, json_node_unref);
  g_clear_pointer (&submission->problem, souk_problem_free);
  g_main_context_unref (submission->context);
  g_free (submission);
}

/* On the caller's thread. */
static gboolean
deliver_answer (gpointer user_data)
{
  Submission *submission = user_data;
  const SoukProblem *problem = submission->problem;
  SoukNodeProblem shown = { 0 };
  if (problem != NULL)
    shown = (SoukNodeProblem){ problem->status, problem->code, problem->detail };
  submission->reply (submission->answer, problem != NULL ? &shown : NULL, submission->user_data);
  return G_SOURCE_REMOVE;
}

/* On the node's thread. A source of its own, so that the answer never comes from inside
 * souk_node_submit(). */
static void
on_done (JsonNode *reply, GBytes *bytes, const SoukProblem *problem, gpointer user_data)
{
  Submission *submission = user_data;
  if (problem != NULL)
    submission->problem = souk_problem_copy (problem);
  else if (reply != NULL)
    submission->answer = json_node_ref (reply);
  else
    {
      g_autofree char *text
          = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      submission->answer = json_node_init_string (json_node_alloc (), text);
    }
  GSource *source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver_answer, submission, submission_free);
  g_source_attach (source, submission->context);
  g_source_unref (source);
}

/* On the node's thread. */
static gboolean
run_submission (gpointer user_data)
{
  Submission *submission = user_data;
  JsonObject *args = submission->args != NULL ? json_node_get_object (submission->args) : NULL;
  souk_dispatch_call (submission->node->parts.dispatch, submission->command, args, submission->body,
                      SOUK_SCOPE_ALL, on_done, submission);
  return G_SOURCE_REMOVE;
}

void
souk_node_submit (SoukNode *self, const char *command, JsonNode *args, SoukNodeReply reply,
                  gpointer user_data)
{
  souk_node_submit_bytes (self, command, args, NULL, reply, user_data);
}

void
souk_node_submit_bytes (SoukNode *self, const char *command, JsonNode *args, GBytes *body,
                        SoukNodeReply reply, gpointer user_data)
{
  g_assert (args == NULL || JSON_NODE_HOLDS_OBJECT (args));
  Submission *submission = g_new0 (Submission, 1);
  submission->node = self;
  submission->command = g_strdup (command);
  submission->args = args;
  submission->body = body != NULL ? g_bytes_ref (body) : NULL;
  submission->reply = reply;
  submission->user_data = user_data;
  submission->context = g_main_context_ref_thread_default ();
  g_main_context_invoke (self->context, run_submission, submission);
}

/* ---- life ---- */

/* Fills what the starter waits for. */
static void
set_ready (SoukNode *self)
{
  SoukParts *parts = &self->parts;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GArray) addrs = souk_swarm_listen_addrs (parts->swarm);
  for (guint i = 0; i < addrs->len; i++)
    {
      SoukMultiaddr with_peer;
      const SoukMultiaddr *addr = &g_array_index (addrs, SoukMultiaddr, i);
      if (souk_multiaddr_with_peer_id (addr, souk_swarm_self (parts->swarm), &with_peer)
          == SOUK_STATUS_OK)
        g_strv_builder_take (builder, souk_multiaddr_to_string (&with_peer));
    }
  self->ready_listen = g_strv_builder_end (builder);
  self->ready = (SoukNodeReady){
    .peer_id = souk_peer_id_to_string (souk_swarm_self (parts->swarm)),
    .listen = (const char *const *)self->ready_listen,
    .api = g_strdup (souk_http_url (parts->http)),
    .socket = g_build_filename (parts->data_dir, "api.sock", NULL),
    .coin = parts->network != NULL ? g_strdup (parts->network->coin) : NULL,
    .ready_ms = parts->ready_ms,
  };
}

static gpointer
node_thread (gpointer user_data)
{
  SoukNode *self = user_data;
  GError *error = NULL;
  g_main_context_push_thread_default (self->context);
  bool is_ready = souk_parts_init (&self->parts, self->config, &error);

  g_mutex_lock (&self->lock);
  if (is_ready)
    {
      set_ready (self);
      souk_dispatch_subscribe (self->parts.dispatch, on_event, self);
    }
  self->error = error;
  self->is_started = true;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);

  if (is_ready)
    g_main_loop_run (self->loop);
  souk_parts_done (&self->parts);
  /* What the parts have handed to the context on their way out. */
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
node_free (SoukNode *self)
{
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  for (guint i = 0; i < self->subscribers->len; i++)
    {
      Subscriber *subscriber = self->subscribers->pdata[i];
      subscriber->is_gone = true;
    }
  g_ptr_array_unref (self->subscribers);
  g_strfreev (self->ready_listen);
  g_free ((char *)self->ready.peer_id);
  g_free ((char *)self->ready.api);
  g_free ((char *)self->ready.socket);
  g_free ((char *)self->ready.coin);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

SoukNode *
souk_node_start (const SoukNodeConfig *config, GError **error)
{
  SoukNode *self = g_new0 (SoukNode, 1);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->subscribers = g_ptr_array_new_with_free_func (subscriber_unref);
  self->config = config;
  self->thread = g_thread_new ("node", node_thread, self);

  g_mutex_lock (&self->lock);
  while (!self->is_started)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      node_free (self);
      return NULL;
    }
  return self;
}

const SoukNodeReady *
souk_node_ready (const SoukNode *self)
{
  return &self->ready;
}

static gboolean
quit (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

void
souk_node_stop (SoukNode *self)
{
  if (self == NULL)
    return;
  g_main_context_invoke (self->context, quit, self->loop);
  node_free (self);
}
