/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The window's connection to the node: asking, events, the pool of items. See client.h; what can
 * be asked for stands in client-calls.c. GLIB, main thread.
 *
 * An answer finds its way by a weak reference to its owner. The node outlives the client's
 * connection: souk_client_close() comes before souk_node_stop().
 */
#include "ui/model/client-private.h"

#include "ui/model/amount.h"

#include <glib/gi18n.h>
#include <string.h>

/* What has no event of its own is asked for again this often. */
#define STATE_PERIOD_S 3

struct _SoukClient {
  GObject parent_instance;
  SoukNode *node; /* borrowed; NULL once closed */
  guint subscription;
  guint state_timer;
  GHashTable *pool; /* "type:id" -> SoukItem, not held */
  GPtrArray *lists; /* of SoukItemList, not held */
  SoukItem *state;
  SoukItem *provider;
  SoukItem *account;
  SoukItemList *orders;
  SoukItemList *jobs;
};

enum { ORDER_ENDED, JOB_ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SoukClient, souk_client, G_TYPE_OBJECT)

/* ---- asking ---- */

typedef struct {
  GWeakRef owner;
  SoukClientReply reply;
  gpointer data;
  GDestroyNotify data_free;
} Asking;

static void
on_answer (JsonNode *reply, const SoukNodeProblem *problem, gpointer user_data)
{
  Asking *asking = user_data;
  g_autoptr (GObject) owner = g_weak_ref_get (&asking->owner);
  if (owner != NULL)
    asking->reply (owner, reply, problem != NULL ? problem->detail : NULL, asking->data);
  if (asking->data_free != NULL)
    asking->data_free (asking->data);
  g_weak_ref_clear (&asking->owner);
  g_free (asking);
}

void
souk_client_ask (SoukClient *self, const char *command, JsonObject *args, GBytes *body,
                 gpointer owner, SoukClientReply reply, gpointer data, GDestroyNotify data_free)
{
  Asking *asking = g_new0 (Asking, 1);
  g_weak_ref_init (&asking->owner, owner);
  asking->reply = reply;
  asking->data = data;
  asking->data_free = data_free;
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, args != NULL ? args : json_object_new ());
  if (self->node != NULL)
    {
      souk_node_submit_bytes (self->node, command, node, body, on_answer, asking);
      return;
    }
  json_node_unref (node);
  SoukNodeProblem closed = { 503, "stopping", _ ("The node has been stopped.") };
  on_answer (NULL, &closed, asking);
}

/* ---- the pool ---- */

static char *
pool_key (GType type, const char *id)
{
  return g_strdup_printf ("%s:%s", g_type_name (type), id);
}

typedef struct {
  GHashTable *pool; /* held: an item may outlive the client */
  char *key;
} PoolEntry;

static void
on_item_gone (gpointer data, GObject *where_it_was)
{
  PoolEntry *entry = data;
  g_hash_table_remove (entry->pool, entry->key);
  g_hash_table_unref (entry->pool);
  g_free (entry->key);
  g_free (entry);
}

SoukItem *
souk_client_pool_get (SoukClient *self, GType type, const char *id, JsonObject *object)
{
  g_autofree char *key = pool_key (type, id);
  SoukItem *item = g_hash_table_lookup (self->pool, key);
  if (item != NULL)
    return g_object_ref (item);
  item = souk_item_new (type, object);
  g_hash_table_insert (self->pool, g_strdup (key), item);
  PoolEntry *entry = g_new0 (PoolEntry, 1);
  entry->pool = g_hash_table_ref (self->pool);
  entry->key = g_steal_pointer (&key);
  g_object_weak_ref (G_OBJECT (item), on_item_gone, entry);
  return item;
}

void
souk_client_pool_update (SoukClient *self, GType type, const char *id, JsonObject *object)
{
  g_autofree char *key = pool_key (type, id);
  SoukItem *item = g_hash_table_lookup (self->pool, key);
  if (item == NULL)
    return;
  g_object_ref (item);
  souk_item_update (item, object);
  g_object_unref (item);
}

void
souk_client_add_list (SoukClient *self, SoukItemList *list)
{
  g_ptr_array_add (self->lists, list);
}

void
souk_client_remove_list (SoukClient *self, SoukItemList *list)
{
  g_ptr_array_remove_fast (self->lists, list);
}

/* ---- events ---- */

static const char *
text_of (JsonObject *object, const char *member)
{
  return json_object_get_string_member_with_default (object, member, "");
}

/* What a thing was before an event. True when it is known to have ended already. */
static bool
had_ended (SoukItemList *list, const char *id)
{
  g_autoptr (SoukItem) item = souk_item_list_find (list, "id", id);
  return item != NULL && souk_item_get_flag (item, "is-final");
}

/* What a purchase brings is seen on the listing, of which the node tells nothing by itself. */
static void
refresh_listing (SoukClient *self, const char *id)
{
  g_autofree char *key = pool_key (SOUK_TYPE_LISTING, id);
  SoukItem *listing = g_hash_table_lookup (self->pool, key);
  if (listing != NULL)
    souk_client_refresh_item (self, listing);
}

static void
tell_lists (SoukClient *self, const char *name, JsonObject *object)
{
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->lists->len; i++)
    g_ptr_array_add (lists, g_object_ref (self->lists->pdata[i]));
  for (guint i = 0; i < lists->len; i++)
    souk_item_list_on_event (lists->pdata[i], name, object);
}

/* An order or a job: its item, the lists, and the signal when this was its end. */
static void
take_trade (SoukClient *self, const char *name, GType type, SoukItemList *list, guint signal,
            JsonObject *object)
{
  const char *id = text_of (object, "id");
  bool is_final = json_object_get_boolean_member_with_default (object, "is_final", FALSE);
  bool has_ended = is_final && !had_ended (list, id);
  souk_client_pool_update (self, type, id, object);
  tell_lists (self, name, object);
  if (!has_ended)
    return;
  g_autoptr (SoukItem) item = souk_client_pool_get (self, type, id, object);
  g_signal_emit (self, signals[signal], 0, item);
  if (type == SOUK_TYPE_ORDER)
    refresh_listing (self, text_of (object, "listing"));
}

static JsonObject *
object_of (JsonObject *event, const char *member)
{
  JsonNode *node = json_object_get_member (event, member);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static void
take_event (SoukClient *self, JsonObject *event)
{
  const char *name = text_of (event, "event");
  JsonObject *order = object_of (event, "order");
  JsonObject *job = object_of (event, "job");
  JsonObject *listing = object_of (event, "listing");
  JsonObject *provider = object_of (event, "provider");
  JsonObject *wallet = object_of (event, "wallet");

  if (order != NULL)
    take_trade (self, name, SOUK_TYPE_ORDER, self->orders, ORDER_ENDED, order);
  else if (job != NULL)
    take_trade (self, name, SOUK_TYPE_JOB, self->jobs, JOB_ENDED, job);
  else
    {
      if (listing != NULL)
        souk_client_pool_update (self, SOUK_TYPE_LISTING, text_of (listing, "id"), listing);
      tell_lists (self, name, listing != NULL ? listing : event);
    }

  if (provider != NULL)
    souk_item_update (self->provider, provider);
  else if (g_str_has_prefix (name, "provider.") || job != NULL)
    souk_client_refresh_provider (self);
  if (wallet != NULL)
    souk_item_update (self->account, wallet);
  else if (g_str_has_prefix (name, "wallet."))
    souk_client_refresh_account (self);
  if (g_str_has_prefix (name, "peer."))
    souk_client_refresh_state (self);
}

static void
on_events (JsonArray *events, gpointer user_data)
{
  g_autoptr (SoukClient) self = g_object_ref (user_data);
  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      JsonObject *event = json_array_get_object_element (events, i);
      if (strcmp (text_of (event, "event"), "events.dropped") != 0)
        take_event (self, event);
      else
        for (guint at = 0; at < self->lists->len; at++)
          souk_item_list_reload (self->lists->pdata[at]);
    }
}

/* ---- what is always there ---- */

static void
on_single (gpointer owner, JsonNode *reply, const char *problem, gpointer data)
{
  if (reply != NULL && JSON_NODE_HOLDS_OBJECT (reply))
    souk_item_update (data, json_node_get_object (reply));
}

static void
refresh_single (SoukClient *self, const char *command, SoukItem *item)
{
  if (self->node != NULL)
    souk_client_ask (self, command, NULL, NULL, self, on_single, g_object_ref (item),
                     g_object_unref);
}

void
souk_client_refresh_state (SoukClient *self)
{
  refresh_single (self, "node.status", self->state);
}

void
souk_client_refresh_provider (SoukClient *self)
{
  refresh_single (self, "provider.show", self->provider);
}

void
souk_client_refresh_account (SoukClient *self)
{
  refresh_single (self, "wallet.show", self->account);
}

SoukItem *
souk_client_state (SoukClient *self)
{
  return self->state;
}

SoukItem *
souk_client_provider (SoukClient *self)
{
  return self->provider;
}

SoukItem *
souk_client_account (SoukClient *self)
{
  return self->account;
}

SoukItemList *
souk_client_orders (SoukClient *self)
{
  return self->orders;
}

SoukItemList *
souk_client_jobs (SoukClient *self)
{
  return self->jobs;
}

static gboolean
on_state_time (gpointer user_data)
{
  souk_client_refresh_state (user_data);
  return G_SOURCE_CONTINUE;
}

/* ---- life ---- */

SoukClient *
souk_client_new (SoukNode *node)
{
  SoukClient *self = g_object_new (SOUK_TYPE_CLIENT, NULL);
  self->node = node;
  souk_amount_set_coin (souk_node_ready (node)->coin);
  self->subscription = souk_node_subscribe (node, on_events, self);
  self->orders = souk_item_list_new (self, SOUK_LIST_ORDERS);
  self->jobs = souk_item_list_new (self, SOUK_LIST_JOBS);
  souk_client_refresh_state (self);
  souk_client_refresh_provider (self);
  souk_client_refresh_account (self);
  self->state_timer = g_timeout_add_seconds (STATE_PERIOD_S, on_state_time, self);
  return self;
}

void
souk_client_close (SoukClient *self)
{
  if (self->node == NULL)
    return;
  souk_node_unsubscribe (self->node, self->subscription);
  g_clear_handle_id (&self->state_timer, g_source_remove);
  self->node = NULL;
}

static void
souk_client_dispose (GObject *object)
{
  SoukClient *self = SOUK_CLIENT (object);
  souk_client_close (self);
  g_clear_object (&self->orders);
  g_clear_object (&self->jobs);
  g_clear_object (&self->state);
  g_clear_object (&self->provider);
  g_clear_object (&self->account);
  G_OBJECT_CLASS (souk_client_parent_class)->dispose (object);
}

static void
souk_client_finalize (GObject *object)
{
  SoukClient *self = SOUK_CLIENT (object);
  g_ptr_array_unref (self->lists);
  g_hash_table_unref (self->pool);
  G_OBJECT_CLASS (souk_client_parent_class)->finalize (object);
}

static SoukItem *
new_empty (GType type)
{
  g_autoptr (JsonObject) nothing = json_object_new ();
  return souk_item_new (type, nothing);
}

static void
souk_client_init (SoukClient *self)
{
  self->pool = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->lists = g_ptr_array_new ();
  self->state = new_empty (SOUK_TYPE_NODE_STATE);
  self->provider = new_empty (SOUK_TYPE_PROVIDER);
  self->account = new_empty (SOUK_TYPE_ACCOUNT);
}

static void
souk_client_class_init (SoukClientClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = souk_client_dispose;
  G_OBJECT_CLASS (klass)->finalize = souk_client_finalize;
  signals[ORDER_ENDED] = g_signal_new ("order-ended", SOUK_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, SOUK_TYPE_ITEM);
  signals[JOB_ENDED] = g_signal_new ("job-ended", SOUK_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 1, SOUK_TYPE_ITEM);
}
