/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists that follow the node. See item-list.h. GLIB, main thread.
 *
 * A list holds rows {id, newest JSON object}. An event about a row that is here replaces its object;
 * one about a new thing puts it on top, unless a filter is set: only the node can tell whether it
 * passes, so that the list is asked for again, once for a burst of events.
 */
#include "ui/model/item-list.h"

#include "ui/model/client-private.h"

#include <string.h>

#define PAGE_ROWS 200
/* How close to the end somebody has to look before the next page is asked for. */
#define PAGE_AHEAD 40
/* The most that the node gives at once. */
#define PAGE_ROWS_MAX 1000
/* A log that runs for days keeps the newest so many in the window; the file has all. */
#define LOG_ROWS_MAX 5000
#define LOG_PAGE_ROWS 2000
/* A burst of events asks for one reload. */
#define RELOAD_DELAY_MS 120

typedef struct {
  const char *command;
  const char *id_member;
  const char *event_prefix; /* events that begin so concern this list */
  bool has_objects;         /* those events carry the whole thing */
  GType (*item_type) (void);
} Kind;

static const Kind kinds[] = {
  [SOUK_LIST_LISTINGS] = { "prompt.list", "id", "listing.", true, souk_listing_get_type },
  [SOUK_LIST_ORDERS] = { "order.list", "id", "order.", true, souk_order_get_type },
  [SOUK_LIST_JOBS] = { "compute.list", "id", "job.", true, souk_job_get_type },
  [SOUK_LIST_TRANSACTIONS]
  = { "wallet.transactions", "hash", "wallet.", false, souk_transaction_get_type },
  [SOUK_LIST_PEERS] = { "peer.list", "peer_id", "peer.", false, souk_peer_get_type },
  [SOUK_LIST_LOG] = { "log.list", "sequence", "log.", false, souk_log_record_get_type },
};

typedef struct {
  char *id;
  JsonObject *object;
} Row;

struct _SoukItemList {
  GObject parent_instance;
  SoukClient *client; /* weak */
  const Kind *kind;
  GPtrArray *rows;    /* of Row */
  GHashTable *by_id;  /* id -> Row; borrows both */
  JsonObject *filter; /* the list command's arguments */
  gint64 total;       /* as the node last said */
  gint64 last_sequence;
  guint generation; /* answers to an older question are dropped */
  guint reload_id, more_id;
  bool is_loading, is_loaded;
  char *problem;
};

enum { PROP_IS_LOADING = 1, PROP_IS_EMPTY, PROP_PROBLEM, N_PROPS };
static GParamSpec *props[N_PROPS];

static void list_model_init (GListModelInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (SoukItemList, souk_item_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void load (SoukItemList *self, guint offset);

/* ---- rows ---- */

static void
row_free (gpointer data)
{
  Row *row = data;
  g_free (row->id);
  json_object_unref (row->object);
  g_free (row);
}

/* Returns: (transfer full) (nullable) */
static char *
object_id (const Kind *kind, JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, kind->id_member);
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
}

/* Returns: (nullable): a row that is in no list yet. */
static Row *
row_new (const Kind *kind, JsonNode *node)
{
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  g_autofree char *id = object_id (kind, json_node_get_object (node));
  if (id == NULL)
    return NULL;
  Row *row = g_new0 (Row, 1);
  row->id = g_steal_pointer (&id);
  row->object = json_object_ref (json_node_get_object (node));
  return row;
}

static void
row_update (SoukItemList *self, Row *row, JsonObject *object)
{
  json_object_ref (object);
  json_object_unref (row->object);
  row->object = object;
  if (self->client != NULL)
    souk_client_pool_update (self->client, self->kind->item_type (), row->id, object);
}

/* Replaces all rows, telling views only of the stretch that differs. */
static void
set_rows (SoukItemList *self, GPtrArray *rows)
{
  g_autoptr (GPtrArray) older = self->rows;
  guint head = 0;
  guint tail = 0;
  while (head < older->len && head < rows->len
         && strcmp (((Row *)older->pdata[head])->id, ((Row *)rows->pdata[head])->id) == 0)
    head++;
  while (tail < older->len - head && tail < rows->len - head
         && strcmp (((Row *)older->pdata[older->len - 1 - tail])->id,
                    ((Row *)rows->pdata[rows->len - 1 - tail])->id)
                == 0)
    tail++;

  self->rows = g_ptr_array_ref (rows);
  g_hash_table_remove_all (self->by_id);
  for (guint i = 0; i < rows->len; i++)
    {
      Row *row = rows->pdata[i];
      g_hash_table_insert (self->by_id, row->id, row);
    }
  guint removed = older->len - head - tail;
  guint added = rows->len - head - tail;
  if (removed > 0 || added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), head, removed, added);
}

static void
remove_rows (SoukItemList *self, guint position, guint count)
{
  for (guint i = 0; i < count; i++)
    g_hash_table_remove (self->by_id, ((Row *)self->rows->pdata[position + i])->id);
  g_ptr_array_remove_range (self->rows, position, count);
  g_list_model_items_changed (G_LIST_MODEL (self), position, count, 0);
}

static void
remove_row (SoukItemList *self, const char *id)
{
  guint position = 0;
  Row *row = g_hash_table_lookup (self->by_id, id);
  if (row != NULL && g_ptr_array_find (self->rows, row, &position))
    {
      remove_rows (self, position, 1);
      self->total = MAX (self->total - 1, 0);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_EMPTY]);
    }
}

/* ---- loading ---- */

static void
set_state (SoukItemList *self, bool is_loading, const char *problem)
{
  self->is_loading = is_loading;
  g_set_str (&self->problem, problem != NULL ? problem : "");
  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 1; i < N_PROPS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), props[i]);
  g_object_thaw_notify (G_OBJECT (self));
}

/* The first page, or all that was loaded when it is asked for again. */
static void
take_page (SoukItemList *self, JsonArray *items)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (row_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      Row *row = row_new (self->kind, json_array_get_element (items, i));
      if (row == NULL)
        continue;
      if (!g_hash_table_add (seen, row->id))
        {
          row_free (row);
          continue;
        }
      if (self->client != NULL)
        souk_client_pool_update (self->client, self->kind->item_type (), row->id, row->object);
      g_ptr_array_add (rows, row);
    }
  set_rows (self, rows);
}

/* What comes behind: the next page, or the log's newest. */
static void
append_page (SoukItemList *self, JsonArray *items)
{
  guint before = self->rows->len;
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      Row *row = row_new (self->kind, json_array_get_element (items, i));
      if (row == NULL)
        continue;
      if (g_hash_table_contains (self->by_id, row->id))
        {
          row_free (row);
          continue;
        }
      g_ptr_array_add (self->rows, row);
      g_hash_table_insert (self->by_id, row->id, row);
    }
  if (self->rows->len > before)
    g_list_model_items_changed (G_LIST_MODEL (self), before, 0, self->rows->len - before);
  if (self->kind == &kinds[SOUK_LIST_LOG] && self->rows->len > LOG_ROWS_MAX)
    remove_rows (self, 0, self->rows->len - LOG_ROWS_MAX);
}

static void
note_last_sequence (SoukItemList *self)
{
  if (self->kind != &kinds[SOUK_LIST_LOG] || self->rows->len == 0)
    return;
  Row *last = self->rows->pdata[self->rows->len - 1];
  self->last_sequence = g_ascii_strtoll (last->id, NULL, 10);
}

typedef struct {
  guint generation;
  bool is_more; /* append to what is there */
} Question;

static void
on_list (gpointer owner, JsonNode *reply, const char *problem, gpointer data)
{
  SoukItemList *self = owner;
  Question *question = data;
  if (question->generation != self->generation)
    return;
  if (problem != NULL || !JSON_NODE_HOLDS_OBJECT (reply))
    {
      set_state (self, false, problem);
      return;
    }
  JsonObject *object = json_node_get_object (reply);
  JsonArray *items = json_object_get_array_member (object, "items");
  self->total = json_object_get_int_member_with_default (object, "total", 0);
  if (question->is_more)
    append_page (self, items);
  else
    take_page (self, items);
  note_last_sequence (self);
  self->is_loaded = true;
  set_state (self, false, NULL);
}

static JsonObject *
copy_filter (JsonObject *filter)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;
  json_object_iter_init (&iter, filter);
  while (json_object_iter_next (&iter, &name, &value))
    json_object_set_member (copy, name, json_node_copy (value));
  return copy;
}

static void
load (SoukItemList *self, guint offset)
{
  bool is_log = self->kind == &kinds[SOUK_LIST_LOG];
  bool is_more = is_log ? self->is_loaded && self->last_sequence > 0 : offset > 0;
  Question *question = g_new0 (Question, 1);
  if (self->client == NULL)
    {
      g_free (question);
      return;
    }
  JsonObject *args = copy_filter (self->filter);
  if (is_log)
    {
      json_object_set_int_member (args, "limit", LOG_PAGE_ROWS);
      if (is_more)
        json_object_set_int_member (args, "since", self->last_sequence);
    }
  else if (self->kind != &kinds[SOUK_LIST_PEERS])
    {
      guint shown = offset > 0 ? PAGE_ROWS : MAX (self->rows->len, PAGE_ROWS);
      json_object_set_int_member (args, "limit", MIN (shown, PAGE_ROWS_MAX));
      if (offset > 0)
        json_object_set_int_member (args, "offset", offset);
    }
  question->generation = ++self->generation;
  question->is_more = is_more;
  self->is_loading = true;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_LOADING]);
  souk_client_ask (self->client, self->kind->command, args, NULL, self, on_list, question, g_free);
}

void
souk_item_list_reload (SoukItemList *self)
{
  g_clear_handle_id (&self->reload_id, g_source_remove);
  if (self->kind == &kinds[SOUK_LIST_LOG] && self->is_loading)
    return;
  load (self, 0);
}

static gboolean
on_reload_time (gpointer user_data)
{
  SoukItemList *self = user_data;
  self->reload_id = 0;
  souk_item_list_reload (self);
  return G_SOURCE_REMOVE;
}

static void
reload_soon (SoukItemList *self)
{
  if (self->reload_id == 0)
    self->reload_id = g_timeout_add (RELOAD_DELAY_MS, on_reload_time, self);
}

/* ---- events ---- */

void
souk_item_list_on_event (SoukItemList *self, const char *event, JsonObject *object)
{
  if (!g_str_has_prefix (event, self->kind->event_prefix))
    return;
  if (!self->kind->has_objects || object == NULL)
    {
      reload_soon (self);
      return;
    }
  g_autofree char *id = object_id (self->kind, object);
  if (id == NULL)
    return;
  if (g_str_has_suffix (event, ".removed"))
    {
      remove_row (self, id);
      return;
    }
  Row *known = g_hash_table_lookup (self->by_id, id);
  if (known != NULL)
    row_update (self, known, object);
  else if (json_object_get_size (self->filter) > 0 || !self->is_loaded || self->is_loading)
    reload_soon (self);
  else
    {
      Row *row = g_new0 (Row, 1);
      row->id = g_steal_pointer (&id);
      row->object = json_object_ref (object);
      g_ptr_array_insert (self->rows, 0, row);
      g_hash_table_insert (self->by_id, row->id, row);
      self->total++;
      g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, 1);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_EMPTY]);
    }
}

/* ---- filters ---- */

/* Everything is asked for anew; what is shown stays until the answer comes. */
static void
filter_changed (SoukItemList *self)
{
  self->last_sequence = 0;
  g_clear_handle_id (&self->reload_id, g_source_remove);
  load (self, 0);
}

void
souk_item_list_filter (SoukItemList *self, const char *name, const char *value)
{
  const char *before = json_object_get_string_member_with_default (self->filter, name, "");
  if (strcmp (before, value != NULL ? value : "") == 0)
    return;
  if (value == NULL || *value == '\0')
    json_object_remove_member (self->filter, name);
  else
    json_object_set_string_member (self->filter, name, value);
  filter_changed (self);
}

void
souk_item_list_filter_flag (SoukItemList *self, const char *name, bool value)
{
  if (json_object_has_member (self->filter, name) == value)
    return;
  if (value)
    json_object_set_boolean_member (self->filter, name, TRUE);
  else
    json_object_remove_member (self->filter, name);
  filter_changed (self);
}

/* ---- the model ---- */

static GType
get_item_type (GListModel *model)
{
  return SOUK_TYPE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return SOUK_ITEM_LIST (model)->rows->len;
}

static gboolean
on_more_time (gpointer user_data)
{
  SoukItemList *self = user_data;
  self->more_id = 0;
  if (!self->is_loading && self->reload_id == 0)
    load (self, self->rows->len);
  return G_SOURCE_REMOVE;
}

/* The view that asks for an item is busy with itself, so that the next page is asked for later. */
static void
look_ahead (SoukItemList *self, guint position)
{
  bool is_paged = self->kind != &kinds[SOUK_LIST_LOG] && self->kind != &kinds[SOUK_LIST_PEERS];
  if (is_paged && position + PAGE_AHEAD >= self->rows->len && (gint64)self->rows->len < self->total
      && self->more_id == 0)
    self->more_id = g_idle_add (on_more_time, self);
}

static gpointer
get_item (GListModel *model, guint position)
{
  SoukItemList *self = SOUK_ITEM_LIST (model);
  if (position >= self->rows->len)
    return NULL;
  look_ahead (self, position);
  Row *row = self->rows->pdata[position];
  if (self->client == NULL)
    return souk_item_new (self->kind->item_type (), row->object);
  return souk_client_pool_get (self->client, self->kind->item_type (), row->id, row->object);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

bool
souk_item_list_is_loading (SoukItemList *self)
{
  return self->is_loading;
}

bool
souk_item_list_is_filtered (SoukItemList *self)
{
  /* "Only mine" is another list rather than a search. */
  return json_object_get_size (self->filter)
         > (json_object_has_member (self->filter, "mine") ? 1 : 0);
}

char *
souk_item_list_dup_problem (SoukItemList *self)
{
  return g_strdup (self->problem);
}

SoukItem *
souk_item_list_find (SoukItemList *self, const char *member, const char *value)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = self->rows->pdata[i];
      if (strcmp (json_object_get_string_member_with_default (row->object, member, ""), value) == 0)
        return get_item (G_LIST_MODEL (self), i);
    }
  return NULL;
}

/* ---- life ---- */

SoukItemList *
souk_item_list_new (SoukClient *client, SoukListKind kind)
{
  SoukItemList *self = g_object_new (SOUK_TYPE_ITEM_LIST, NULL);
  g_set_weak_pointer (&self->client, client);
  self->kind = &kinds[kind];
  souk_client_add_list (client, self);
  load (self, 0);
  return self;
}

static void
souk_item_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SoukItemList *self = SOUK_ITEM_LIST (object);
  if (id == PROP_IS_LOADING)
    g_value_set_boolean (value, self->is_loading);
  else if (id == PROP_IS_EMPTY)
    g_value_set_boolean (value, self->is_loaded && self->rows->len == 0);
  else if (id == PROP_PROBLEM)
    g_value_set_string (value, self->problem);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
souk_item_list_dispose (GObject *object)
{
  SoukItemList *self = SOUK_ITEM_LIST (object);
  if (self->client != NULL)
    souk_client_remove_list (self->client, self);
  g_clear_weak_pointer (&self->client);
  g_clear_handle_id (&self->reload_id, g_source_remove);
  g_clear_handle_id (&self->more_id, g_source_remove);
  G_OBJECT_CLASS (souk_item_list_parent_class)->dispose (object);
}

static void
souk_item_list_finalize (GObject *object)
{
  SoukItemList *self = SOUK_ITEM_LIST (object);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->rows);
  json_object_unref (self->filter);
  g_free (self->problem);
  G_OBJECT_CLASS (souk_item_list_parent_class)->finalize (object);
}

static void
souk_item_list_init (SoukItemList *self)
{
  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->filter = json_object_new ();
  self->problem = g_strdup ("");
}

static void
souk_item_list_class_init (SoukItemListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->get_property = souk_item_list_get_property;
  object_class->dispose = souk_item_list_dispose;
  object_class->finalize = souk_item_list_finalize;
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  props[PROP_IS_LOADING] = g_param_spec_boolean ("is-loading", NULL, NULL, FALSE, flags);
  props[PROP_IS_EMPTY] = g_param_spec_boolean ("is-empty", NULL, NULL, FALSE, flags);
  props[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}
