/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Items over JSON objects. See item.h. GLIB, main thread.
 *
 * A node may be newer or older than the window, and a member may be missing or of another type:
 * then the property has its empty value. Nothing here fails.
 */
#include "ui/model/item.h"

#include "ui/model/amount.h"

#include <string.h>

typedef struct {
  JsonObject *object;
} SoukItemPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (SoukItem, souk_item, G_TYPE_OBJECT)

/* ---- members ---- */

/* Returns: (nullable): the member, which may be written "outer.inner". */
static JsonNode *
find_member (JsonObject *object, const char *member)
{
  const char *dot = strchr (member, '.');
  if (dot == NULL)
    return json_object_get_member (object, member);
  g_autofree char *outer = g_strndup (member, (gsize)(dot - member));
  JsonNode *node = json_object_get_member (object, outer);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node)
             ? json_object_get_member (json_node_get_object (node), dot + 1)
             : NULL;
}

static const char *
node_text (JsonNode *node)
{
  const char *text = NULL;
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING)
    text = json_node_get_string (node);
  return text != NULL ? text : "";
}

static char *
wei_text (JsonNode *node)
{
  g_autofree char *coins = souk_amount_from_wei (node_text (node));
  return souk_amount_shown (coins);
}

static bool
node_is_number (JsonNode *node)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return false;
  GType type = json_node_get_value_type (node);
  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
}

static bool
node_flag (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
         && json_node_get_value_type (node) == G_TYPE_BOOLEAN && json_node_get_boolean (node);
}

static GStrv
node_words (JsonNode *node)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      for (guint i = 0; i < json_array_get_length (array); i++)
        g_strv_builder_add (words, node_text (json_array_get_element (array, i)));
    }
  return g_strv_builder_end (words);
}

static GDateTime *
node_time (JsonNode *node)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_iso8601 (node_text (node), NULL);
  return utc != NULL ? g_date_time_to_local (utc) : NULL;
}

static GListModel *
node_items (JsonNode *node, GType type)
{
  GListStore *store = g_list_store_new (type);
  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          JsonNode *element = json_array_get_element (array, i);
          if (!JSON_NODE_HOLDS_OBJECT (element))
            continue;
          g_autoptr (SoukItem) item = souk_item_new (type, json_node_get_object (element));
          g_list_store_append (store, item);
        }
    }
  return G_LIST_MODEL (store);
}

static bool
node_is_there (JsonNode *node)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return false;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node)) > 0;
  return !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING
         || *node_text (node) != '\0';
}

/* ---- properties ---- */

static void
souk_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SoukItem *self = SOUK_ITEM (object);
  SoukItemPrivate *priv = souk_item_get_instance_private (self);
  const SoukItemField *field = &SOUK_ITEM_GET_CLASS (self)->fields[id - 1];
  JsonNode *node = find_member (priv->object, field->member);
  switch (field->kind)
    {
    case SOUK_ITEM_TEXT:
      g_value_set_string (value, node_text (node));
      break;
    case SOUK_ITEM_INTEGER:
      g_value_set_int64 (value, node_is_number (node) ? json_node_get_int (node) : 0);
      break;
    case SOUK_ITEM_NUMBER:
      g_value_set_double (value, node_is_number (node) ? json_node_get_double (node) : 0);
      break;
    case SOUK_ITEM_FLAG:
      g_value_set_boolean (value, node_flag (node));
      break;
    case SOUK_ITEM_WORDS:
      g_value_take_boxed (value, node_words (node));
      break;
    case SOUK_ITEM_TIME:
      g_value_take_boxed (value, node_time (node));
      break;
    case SOUK_ITEM_WEI:
      g_value_take_string (value, wei_text (node));
      break;
    case SOUK_ITEM_MADE:
      g_value_take_string (value, field->make (priv->object));
      break;
    case SOUK_ITEM_HAS:
      g_value_set_boolean (value, node_is_there (node));
      break;
    case SOUK_ITEM_ITEMS:
      g_value_take_object (value, node_items (node, field->item_type ()));
      break;
    }
}

static GParamSpec *
field_pspec (const SoukItemField *field)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  switch (field->kind)
    {
    case SOUK_ITEM_TEXT:
    case SOUK_ITEM_WEI:
    case SOUK_ITEM_MADE:
      return g_param_spec_string (field->name, NULL, NULL, "", flags);
    case SOUK_ITEM_INTEGER:
      return g_param_spec_int64 (field->name, NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
    case SOUK_ITEM_NUMBER:
      return g_param_spec_double (field->name, NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, flags);
    case SOUK_ITEM_FLAG:
    case SOUK_ITEM_HAS:
      return g_param_spec_boolean (field->name, NULL, NULL, FALSE, flags);
    case SOUK_ITEM_WORDS:
      return g_param_spec_boxed (field->name, NULL, NULL, G_TYPE_STRV, flags);
    case SOUK_ITEM_TIME:
      return g_param_spec_boxed (field->name, NULL, NULL, G_TYPE_DATE_TIME, flags);
    case SOUK_ITEM_ITEMS:
      return g_param_spec_object (field->name, NULL, NULL, G_TYPE_LIST_MODEL, flags);
    }
  g_assert_not_reached ();
}

void
souk_item_class_install (SoukItemClass *klass, const SoukItemField *fields, unsigned n_fields)
{
  /* GObject does not inherit this one. */
  G_OBJECT_CLASS (klass)->get_property = souk_item_get_property;
  klass->fields = fields;
  klass->n_fields = n_fields;
  for (unsigned i = 0; i < n_fields; i++)
    g_object_class_install_property (G_OBJECT_CLASS (klass), i + 1, field_pspec (&fields[i]));
}

/* ---- life ---- */

SoukItem *
souk_item_new (GType type, JsonObject *object)
{
  SoukItem *self = g_object_new (type, NULL);
  SoukItemPrivate *priv = souk_item_get_instance_private (self);
  json_object_unref (priv->object);
  priv->object = json_object_ref (object);
  return self;
}

/* A made text may be made of several members, so that the texts are compared. */
static bool
field_differs (const SoukItemField *field, JsonObject *older, JsonObject *newer)
{
  if (field->kind == SOUK_ITEM_MADE)
    {
      g_autofree char *before = field->make (older);
      g_autofree char *after = field->make (newer);
      return strcmp (before, after) != 0;
    }
  JsonNode *before = find_member (older, field->member);
  JsonNode *after = find_member (newer, field->member);
  return before != after && (before == NULL || after == NULL || !json_node_equal (before, after));
}

void
souk_item_update (SoukItem *self, JsonObject *object)
{
  SoukItemPrivate *priv = souk_item_get_instance_private (self);
  SoukItemClass *klass = SOUK_ITEM_GET_CLASS (self);
  if (priv->object == object)
    return;
  g_autoptr (JsonObject) older = priv->object;
  priv->object = json_object_ref (object);
  g_object_freeze_notify (G_OBJECT (self));
  for (unsigned i = 0; i < klass->n_fields; i++)
    {
      const SoukItemField *field = &klass->fields[i];
      if (field_differs (field, older, object))
        g_object_notify (G_OBJECT (self), field->name);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

static void
souk_item_finalize (GObject *object)
{
  SoukItemPrivate *priv = souk_item_get_instance_private (SOUK_ITEM (object));
  json_object_unref (priv->object);
  G_OBJECT_CLASS (souk_item_parent_class)->finalize (object);
}

static void
souk_item_init (SoukItem *self)
{
  SoukItemPrivate *priv = souk_item_get_instance_private (self);
  priv->object = json_object_new ();
}

static void
souk_item_class_init (SoukItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = souk_item_finalize;
}

/* ---- reading ---- */

char *
souk_item_dup_text (SoukItem *self, const char *name)
{
  char *text = NULL;
  g_object_get (self, name, &text, NULL);
  return text != NULL ? text : g_strdup ("");
}

gint64
souk_item_get_integer (SoukItem *self, const char *name)
{
  gint64 value = 0;
  g_object_get (self, name, &value, NULL);
  return value;
}

bool
souk_item_get_flag (SoukItem *self, const char *name)
{
  gboolean value = FALSE;
  g_object_get (self, name, &value, NULL);
  return value;
}

GStrv
souk_item_dup_words (SoukItem *self, const char *name)
{
  GStrv words = NULL;
  g_object_get (self, name, &words, NULL);
  return words != NULL ? words : g_new0 (char *, 1);
}

GDateTime *
souk_item_dup_time (SoukItem *self, const char *name)
{
  GDateTime *time = NULL;
  g_object_get (self, name, &time, NULL);
  return time;
}

GListModel *
souk_item_dup_items (SoukItem *self, const char *name)
{
  GListModel *items = NULL;
  g_object_get (self, name, &items, NULL);
  return items;
}

bool
souk_item_is (SoukItem *self, const char *name, const char *value)
{
  g_autofree char *text = souk_item_dup_text (self, name);
  return strcmp (text, value) == 0;
}
