/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Commands that run: argument checks, answers, events. See call.h.
 */
#include "api/call.h"

#include <string.h>

/* Calls that wait for their answer at one time; a client that opens more is refused. */
#define CALLS_MAX 1024

struct SoukCall {
  SoukDispatch *dispatch;
  GList link;
  const SoukCommand *command;
  JsonObject *args;
  GBytes *body;
  SoukCallDone done;
  gpointer user_data;
};

typedef struct {
  SoukHandler handler;
  gpointer user_data;
} Binding;

typedef struct {
  guint id;
  SoukEventFunc func;
  gpointer user_data;
} Subscriber;

struct SoukDispatch {
  Binding *bindings; /* one for each row of the table */
  size_t n_rows;
  GQueue waiting;      /* of SoukCall, by their link */
  GArray *subscribers; /* of Subscriber */
  guint next_id;
};

/* ---- problems ---- */

static SoukProblem *
problem_new_va (int status, const char *code, const char *format, va_list va)
{
  SoukProblem *problem = g_new0 (SoukProblem, 1);
  problem->status = status;
  problem->code = g_strdup (code);
  problem->detail = g_strdup_vprintf (format, va);
  return problem;
}

SoukProblem *
souk_problem_new (int status, const char *code, const char *format, ...)
{
  va_list va;
  va_start (va, format);
  SoukProblem *problem = problem_new_va (status, code, format, va);
  va_end (va);
  return problem;
}

SoukProblem *
souk_problem_copy (const SoukProblem *problem)
{
  return souk_problem_new (problem->status, problem->code, "%s", problem->detail);
}

void
souk_problem_free (SoukProblem *problem)
{
  if (problem == NULL)
    return;
  g_free (problem->code);
  g_free (problem->detail);
  g_free (problem);
}

/* ---- arguments ---- */

static bool
is_string_array (JsonNode *node)
{
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return false;
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (json_node_get_value_type (json_array_get_element (array, i)) != G_TYPE_STRING)
      return false;
  return true;
}

/* True when `node` has the JSON form of `type`. */
static bool
has_type (JsonNode *node, SoukType type)
{
  GType value = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_NONE;
  switch (type)
    {
    case SOUK_TYPE_STRING:
    case SOUK_TYPE_COINS:
    case SOUK_TYPE_WEI:
    case SOUK_TYPE_TIME:
      return value == G_TYPE_STRING;
    case SOUK_TYPE_INTEGER:
      return value == G_TYPE_INT64;
    case SOUK_TYPE_NUMBER:
      return value == G_TYPE_INT64 || value == G_TYPE_DOUBLE;
    case SOUK_TYPE_BOOLEAN:
      return value == G_TYPE_BOOLEAN;
    case SOUK_TYPE_STRINGS:
      return is_string_array (node);
    case SOUK_TYPE_OBJECT:
      return JSON_NODE_HOLDS_OBJECT (node);
    case SOUK_TYPE_ARRAY:
      return JSON_NODE_HOLDS_ARRAY (node);
    }
  return false;
}

static const char *
type_in_words (SoukType type)
{
  switch (type)
    {
    case SOUK_TYPE_STRING:
      return "a string";
    case SOUK_TYPE_COINS:
      return "an amount as a string, such as \"9.7\"";
    case SOUK_TYPE_WEI:
      return "a whole amount as a string of digits";
    case SOUK_TYPE_TIME:
      return "a time such as \"2030-01-31T12:00:00Z\"";
    case SOUK_TYPE_INTEGER:
      return "a whole number";
    case SOUK_TYPE_NUMBER:
      return "a number";
    case SOUK_TYPE_BOOLEAN:
      return "true or false";
    case SOUK_TYPE_STRINGS:
      return "an array of strings";
    case SOUK_TYPE_OBJECT:
      return "an object";
    case SOUK_TYPE_ARRAY:
      return "an array";
    }
  return "";
}

/* Returns: (nullable) (transfer full): the first thing that is wrong with the arguments. */
static SoukProblem *
check_args (const SoukCommand *command, JsonObject *args)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, args);
  while (json_object_iter_next (&iter, &name, &node))
    {
      const SoukField *arg = souk_command_arg (command, name);
      if (arg == NULL)
        return souk_problem_new (400, "unknown-argument",
                                 "%s has no argument \"%s\"; see /openapi.json for those it has.",
                                 command->name, name);
      if (!has_type (node, arg->type))
        return souk_problem_new (400, "wrong-type", "The argument \"%s\" must be %s.", name,
                                 type_in_words (arg->type));
    }
  for (const SoukField *arg = command->args; arg->name != NULL; arg++)
    if (arg->is_required && !json_object_has_member (args, arg->name))
      return souk_problem_new (400, "missing-argument", "%s needs the argument \"%s\": %s.",
                               command->name, arg->name, arg->help);
  return NULL;
}

/* ---- one call ---- */

const SoukCommand *
souk_call_command (const SoukCall *call)
{
  return call->command;
}

bool
souk_call_has (const SoukCall *call, const char *name)
{
  g_assert (souk_command_arg (call->command, name) != NULL);
  return json_object_has_member (call->args, name);
}

const char *
souk_call_string (const SoukCall *call, const char *name, const char *fallback)
{
  return souk_call_has (call, name) ? json_object_get_string_member (call->args, name) : fallback;
}

gint64
souk_call_integer (const SoukCall *call, const char *name, gint64 fallback)
{
  return souk_call_has (call, name) ? json_object_get_int_member (call->args, name) : fallback;
}

bool
souk_call_boolean (const SoukCall *call, const char *name, bool fallback)
{
  return souk_call_has (call, name) ? json_object_get_boolean_member (call->args, name) : fallback;
}

GStrv
souk_call_strings (const SoukCall *call, const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  if (souk_call_has (call, name))
    {
      JsonArray *array = json_object_get_array_member (call->args, name);
      for (guint i = 0; i < json_array_get_length (array); i++)
        g_strv_builder_add (builder, json_array_get_string_element (array, i));
    }
  return g_strv_builder_end (builder);
}

GBytes *
souk_call_body (const SoukCall *call)
{
  return call->body;
}

static void
call_end (SoukCall *call, JsonNode *reply, GBytes *bytes, const SoukProblem *problem)
{
  g_queue_unlink (&call->dispatch->waiting, &call->link);
  call->done (reply, bytes, problem, call->user_data);
  json_object_unref (call->args);
  g_clear_pointer (&call->body, g_bytes_unref);
  g_free (call);
}

void
souk_call_reply (SoukCall *call, JsonNode *reply)
{
  g_autoptr (JsonNode) owned = reply;
  call_end (call, owned, NULL, NULL);
}

void
souk_call_reply_bytes (SoukCall *call, GBytes *bytes)
{
  call_end (call, NULL, bytes, NULL);
}

void
souk_call_reply_list (SoukCall *call, JsonArray *items, gint64 total)
{
  JsonObject *object = json_object_new ();
  json_object_set_array_member (object, "items", items);
  json_object_set_int_member (object, "total", total);
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  souk_call_reply (call, node);
}

void
souk_call_reply_done (SoukCall *call)
{
  JsonObject *object = json_object_new ();
  json_object_set_boolean_member (object, "ok", TRUE);
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  souk_call_reply (call, node);
}

void
souk_call_fail (SoukCall *call, int status, const char *code, const char *format, ...)
{
  va_list va;
  va_start (va, format);
  g_autoptr (SoukProblem) problem = problem_new_va (status, code, format, va);
  va_end (va);
  call_end (call, NULL, NULL, problem);
}

/* ---- the dispatch ---- */

SoukDispatch *
souk_dispatch_new (void)
{
  SoukDispatch *self = g_new0 (SoukDispatch, 1);
  souk_commands (&self->n_rows);
  self->bindings = g_new0 (Binding, self->n_rows);
  g_queue_init (&self->waiting);
  self->subscribers = g_array_new (FALSE, FALSE, sizeof (Subscriber));
  self->next_id = 1;
  return self;
}

void
souk_dispatch_free (SoukDispatch *self)
{
  if (self == NULL)
    return;
  while (!g_queue_is_empty (&self->waiting))
    souk_call_fail (g_queue_peek_head (&self->waiting), 503, "stopping",
                    "The node is stopping; ask again when it runs.");
  g_array_unref (self->subscribers);
  g_free (self->bindings);
  g_free (self);
}

static size_t
row_index (const SoukCommand *command)
{
  size_t count;
  return (size_t)(command - souk_commands (&count));
}

void
souk_dispatch_bind (SoukDispatch *self, const char *name, SoukHandler handler, gpointer user_data)
{
  const SoukCommand *command = souk_command_find (name);
  g_assert (command != NULL);
  Binding *binding = &self->bindings[row_index (command)];
  g_assert (binding->handler == NULL);
  *binding = (Binding){ handler, user_data };
}

void
souk_dispatch_check (const SoukDispatch *self)
{
  for (size_t i = 0; i < self->n_rows; i++)
    g_assert (self->bindings[i].handler != NULL);
}

/* Returns: (nullable) (transfer full): why the call cannot start. */
static SoukProblem *
check_call (SoukDispatch *self, const SoukCommand *command, const char *name, JsonObject *args,
            unsigned scopes)
{
  if (command == NULL)
    return souk_problem_new (404, "no-such-command", "There is no command \"%s\".", name);
  if ((scopes & command->scope) == 0)
    return souk_problem_new (403, "scope", "%s is not allowed to this caller.", command->name);
  if (g_queue_get_length (&self->waiting) >= CALLS_MAX)
    return souk_problem_new (503, "busy", "Too many calls wait for an answer; try again soon.");
  return check_args (command, args);
}

void
souk_dispatch_call (SoukDispatch *self, const char *name, JsonObject *args, GBytes *body,
                    unsigned scopes, SoukCallDone done, gpointer user_data)
{
  const SoukCommand *command = souk_command_find (name);
  g_autoptr (JsonObject) checked = args != NULL ? json_object_ref (args) : json_object_new ();
  g_autoptr (SoukProblem) problem = check_call (self, command, name, checked, scopes);
  if (problem != NULL)
    {
      done (NULL, NULL, problem, user_data);
      return;
    }

  SoukCall *call = g_new0 (SoukCall, 1);
  call->dispatch = self;
  call->command = command;
  call->args = g_steal_pointer (&checked);
  call->body = body != NULL ? g_bytes_ref (body) : NULL;
  call->done = done;
  call->user_data = user_data;
  call->link.data = call;
  g_queue_push_tail_link (&self->waiting, &call->link);

  Binding *binding = &self->bindings[row_index (command)];
  g_assert (binding->handler != NULL);
  binding->handler (call, binding->user_data);
}

/* ---- events ---- */

guint
souk_dispatch_subscribe (SoukDispatch *self, SoukEventFunc func, gpointer user_data)
{
  Subscriber subscriber = { self->next_id++, func, user_data };
  g_array_append_val (self->subscribers, subscriber);
  return subscriber.id;
}

void
souk_dispatch_unsubscribe (SoukDispatch *self, guint id)
{
  for (guint i = 0; i < self->subscribers->len; i++)
    if (g_array_index (self->subscribers, Subscriber, i).id == id)
      {
        g_array_remove_index (self->subscribers, i);
        return;
      }
}

void
souk_dispatch_emit (SoukDispatch *self, const char *name, JsonObject *event)
{
  json_object_set_string_member (event, "event", name);
  if (!json_object_has_member (event, "time"))
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
      g_autofree char *seconds = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S");
      g_autofree char *time
          = g_strdup_printf ("%s.%03dZ", seconds, g_date_time_get_microsecond (now) / 1000);
      json_object_set_string_member (event, "time", time);
    }
  /* A subscriber may leave while it is told; it must not make another one miss the event. */
  g_autofree Subscriber *told
      = g_memdup2 (self->subscribers->data, self->subscribers->len * sizeof (Subscriber));
  guint n_told = self->subscribers->len;
  for (guint i = 0; i < n_told; i++)
    told[i].func (event, told[i].user_data);
  json_object_unref (event);
}
