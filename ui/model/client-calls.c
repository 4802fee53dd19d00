/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the window can ask of the node: one function for each question. See client.h.
 *
 * Each makes a command's arguments, and its answer an item. Names of commands and members are those
 * of node/api/commands.c.
 */
#include "ui/model/client-private.h"

#include <glib/gi18n.h>

/* How an answer becomes an item, and who gets it. */
typedef struct {
  SoukClient *client;
  GType type; /* G_TYPE_INVALID: no item is made */
  SoukClientDone done;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;
  g_object_unref (call->client);
  g_free (call);
}

static void
on_reply (gpointer owner, JsonNode *reply, const char *problem, gpointer data)
{
  Call *call = data;
  g_autoptr (SoukItem) item = NULL;
  if (problem != NULL)
    {
      call->done (owner, NULL, problem);
      return;
    }
  if (call->type != G_TYPE_INVALID && JSON_NODE_HOLDS_OBJECT (reply))
    {
      JsonObject *object = json_node_get_object (reply);
      const char *id = json_object_get_string_member_with_default (object, "id", "");
      if (*id == '\0')
        item = souk_item_new (call->type, object);
      else
        {
          souk_client_pool_update (call->client, call->type, id, object);
          item = souk_client_pool_get (call->client, call->type, id, object);
        }
    }
  call->done (owner, item, NULL);
}

static void
call_node (SoukClient *self, const char *command, JsonObject *args, GType type, gpointer owner,
           SoukClientDone done)
{
  Call *call = g_new0 (Call, 1);
  call->client = g_object_ref (self);
  call->type = type;
  call->done = done;
  souk_client_ask (self, command, args, NULL, owner, on_reply, call, call_free);
}

/* ---- arguments ---- */

static void
add_text (JsonObject *args, const char *name, const char *value)
{
  if (value != NULL && *value != '\0')
    json_object_set_string_member (args, name, value);
}

static void
add_words (JsonObject *args, const char *name, const char *const *words)
{
  if (words == NULL || *words == NULL)
    return;
  JsonArray *array = json_array_new ();
  for (const char *const *at = words; *at != NULL; at++)
    json_array_add_string_element (array, *at);
  json_object_set_array_member (args, name, array);
}

/* Returns: (transfer full): {"id": the item's}. */
static JsonObject *
id_args (SoukItem *item)
{
  JsonObject *args = json_object_new ();
  g_autofree char *id = souk_item_dup_text (item, "id");
  json_object_set_string_member (args, "id", id);
  return args;
}

/* ---- items ---- */

static void
on_refreshed (gpointer owner, SoukItem *result, const char *problem)
{
  /* The pool has brought the item up to date; what is gone stays as it was last known. */
}

void
souk_client_refresh_item (SoukClient *self, SoukItem *item)
{
  const char *command = SOUK_IS_LISTING (item) ? "prompt.show"
                        : SOUK_IS_ORDER (item) ? "order.show"
                                               : "compute.show";
  call_node (self, command, id_args (item), G_OBJECT_TYPE (item), self, on_refreshed);
}

SoukItem *
souk_client_listing_of (SoukClient *self, SoukItem *order)
{
  g_autoptr (JsonObject) known = json_object_new ();
  g_autofree char *id = souk_item_dup_text (order, "listing");
  g_autofree char *title = souk_item_dup_text (order, "title");
  json_object_set_string_member (known, "id", id);
  json_object_set_string_member (known, "title", title);
  SoukItem *listing = souk_client_pool_get (self, SOUK_TYPE_LISTING, id, known);
  souk_client_refresh_item (self, listing);
  return listing;
}

/* ---- prompts ---- */

void
souk_client_publish (SoukClient *self, const SoukDraftListing *draft, gpointer owner,
                     SoukClientDone done)
{
  JsonObject *args = json_object_new ();
  add_text (args, "title", draft->title);
  add_text (args, "content", draft->content);
  add_text (args, "description", draft->description);
  add_text (args, "category", draft->category);
  add_words (args, "tags", draft->tags);
  add_words (args, "models", draft->models);
  add_text (args, "sample", draft->sample);
  add_text (args, "price", draft->price);
  call_node (self, "prompt.upload", args, SOUK_TYPE_LISTING, owner, done);
}

void
souk_client_withdraw (SoukClient *self, SoukItem *listing, gpointer owner, SoukClientDone done)
{
  call_node (self, "prompt.withdraw", id_args (listing), G_TYPE_INVALID, owner, done);
}

void
souk_client_purchase (SoukClient *self, SoukItem *listing, gpointer owner, SoukClientDone done)
{
  JsonObject *args = id_args (listing);
  g_autofree char *price = souk_item_dup_text (listing, "price");
  add_text (args, "max_price", price);
  call_node (self, "prompt.purchase", args, SOUK_TYPE_ORDER, owner, done);
}

void
souk_client_fetch_content (SoukClient *self, SoukItem *listing, gpointer owner, SoukClientDone done)
{
  call_node (self, "prompt.content", id_args (listing), SOUK_TYPE_REPLY, owner, done);
}

/* ---- jobs ---- */

/* A job on its way: its module is stored first, then the market is asked. */
typedef struct {
  SoukClient *client;
  JsonObject *args;
  SoukClientDone done;
} JobRequest;

static void
job_request_free (gpointer data)
{
  JobRequest *request = data;
  g_object_unref (request->client);
  g_clear_pointer (&request->args, json_object_unref);
  g_free (request);
}

static void
on_module_stored (gpointer owner, JsonNode *reply, const char *problem, gpointer data)
{
  JobRequest *request = data;
  if (problem != NULL)
    {
      request->done (owner, NULL, problem);
      return;
    }
  JsonObject *stored = json_node_get_object (reply);
  json_object_set_string_member (request->args, "module",
                                 json_object_get_string_member_with_default (stored, "cid", ""));
  call_node (request->client, "compute.request", g_steal_pointer (&request->args), SOUK_TYPE_JOB,
             owner, request->done);
}

void
souk_client_request_job (SoukClient *self, const SoukDraftJob *draft, gpointer owner,
                         SoukClientDone done)
{
  JobRequest *request = g_new0 (JobRequest, 1);
  request->client = g_object_ref (self);
  request->done = done;
  request->args = json_object_new ();
  add_text (request->args, "title", draft->title);
  add_words (request->args, "args", draft->args);
  add_text (request->args, "stdin", draft->input);
  add_text (request->args, "max_price", draft->price_max);
  if (draft->memory_mb > 0)
    json_object_set_int_member (request->args, "memory_mb", draft->memory_mb);
  if (draft->wall_ms > 0)
    json_object_set_int_member (request->args, "wall_ms", draft->wall_ms);
  if (draft->is_deterministic)
    json_object_set_boolean_member (request->args, "deterministic", TRUE);
  souk_client_ask (self, "content.add", NULL, draft->module, owner, on_module_stored, request,
                   job_request_free);
}

void
souk_client_cancel_job (SoukClient *self, SoukItem *job, gpointer owner, SoukClientDone done)
{
  call_node (self, "compute.cancel", id_args (job), SOUK_TYPE_JOB, owner, done);
}

void
souk_client_fetch_result (SoukClient *self, SoukItem *job, gpointer owner, SoukClientDone done)
{
  call_node (self, "compute.result", id_args (job), SOUK_TYPE_REPLY, owner, done);
}

/* ---- the node ---- */

/* The answer is the provider as it now is. */
static void
on_provider_set (gpointer owner, JsonNode *reply, const char *problem, gpointer data)
{
  Call *call = data;
  if (problem == NULL && JSON_NODE_HOLDS_OBJECT (reply))
    souk_item_update (souk_client_provider (call->client), json_node_get_object (reply));
  call->done (owner, problem == NULL ? souk_client_provider (call->client) : NULL, problem);
}

void
souk_client_set_provider (SoukClient *self, const SoukProviderChange *change, gpointer owner,
                          SoukClientDone done)
{
  JsonObject *args = json_object_new ();
  if (change->set_enabled)
    json_object_set_boolean_member (args, "enabled", change->enabled);
  if (change->set_price)
    json_object_set_string_member (args, "price", change->price);
  if (change->set_limits)
    {
      json_object_set_int_member (args, "jobs_max", change->jobs_max);
      json_object_set_int_member (args, "memory_mb", change->memory_mb);
      json_object_set_int_member (args, "wall_ms", change->wall_ms);
    }
  if (change->set_rules)
    {
      json_object_set_boolean_member (args, "on_battery", change->on_battery);
      json_object_set_boolean_member (args, "on_metered", change->on_metered);
    }
  Call *call = g_new0 (Call, 1);
  call->client = g_object_ref (self);
  call->done = done;
  souk_client_ask (self, "provider.set", args, NULL, owner, on_provider_set, call, call_free);
}

void
souk_client_connect_peer (SoukClient *self, const char *address, gpointer owner,
                          SoukClientDone done)
{
  JsonObject *args = json_object_new ();
  json_object_set_string_member (args, "address", address);
  call_node (self, "peer.connect", args, SOUK_TYPE_PEER, owner, done);
}
