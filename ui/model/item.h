/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One thing of the node as the window sees it: a listing, an order, a job, … GLIB, main thread.
 *
 * An item is a GObject whose properties are the fields of a table, read from the newest JSON object
 * that the node has told. When a newer one comes, exactly the properties that differ are notified,
 * so that a widget which is bound to them follows without being asked.
 * JSON stays inside ui/model; widgets see properties.
 */
#pragma once
#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* What a property is, and how it is read from its member. */
typedef enum {
  SOUK_ITEM_TEXT,    /* a string; "" when absent, so that labels can be bound to it */
  SOUK_ITEM_INTEGER, /* a gint64; 0 when absent */
  SOUK_ITEM_NUMBER,  /* a double; 0 when absent */
  SOUK_ITEM_FLAG,    /* a boolean; false when absent */
  SOUK_ITEM_WORDS,   /* a GStrv; NULL when absent */
  SOUK_ITEM_TIME,    /* a GDateTime in local time; NULL when absent */
  SOUK_ITEM_WEI,     /* an amount with the coin's name, from a member in the smallest unit */
  SOUK_ITEM_MADE,    /* a string that `make` makes for people */
  SOUK_ITEM_HAS,     /* a boolean: whether the member is there and not empty */
  SOUK_ITEM_ITEMS,   /* a GListModel of items of the type that `item_type` gives */
} SoukItemKind;

typedef struct {
  const char *name;   /* the property's: "size-bytes" */
  const char *member; /* of the JSON object; "outer.inner" for one inside another */
  SoukItemKind kind;
  char *(*make) (JsonObject *object);
  GType (*item_type) (void);
} SoukItemField;

#define SOUK_TYPE_ITEM (souk_item_get_type ())
G_DECLARE_DERIVABLE_TYPE (SoukItem, souk_item, SOUK, ITEM, GObject)

struct _SoukItemClass {
  GObjectClass parent_class;
  const SoukItemField *fields;
  unsigned n_fields;
};

/* For class initialisers: installs one property for each field. The table must stay. */
void souk_item_class_install (SoukItemClass *klass, const SoukItemField *fields, unsigned n_fields);

/* Returns: (transfer full): an item of a type whose table is installed. */
SoukItem *souk_item_new (GType type, JsonObject *object);

/* Takes a newer object and notifies what differs. */
void souk_item_update (SoukItem *self, JsonObject *object);

/* A property's value; asserts that the property is there and of that kind.
 * Returns: (transfer full): never NULL. */
char *souk_item_dup_text (SoukItem *self, const char *name);
gint64 souk_item_get_integer (SoukItem *self, const char *name);
bool souk_item_get_flag (SoukItem *self, const char *name);
/* Returns: (transfer full): empty, never NULL. */
GStrv souk_item_dup_words (SoukItem *self, const char *name);
/* Returns: (transfer full) (nullable) */
GDateTime *souk_item_dup_time (SoukItem *self, const char *name);
/* Returns: (transfer full) */
GListModel *souk_item_dup_items (SoukItem *self, const char *name);

/* True when a text property is just `value`. */
bool souk_item_is (SoukItem *self, const char *name, const char *value);

G_END_DECLS
