/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A list of the node's things that stays right by itself: the GListModel behind every list of the
 * window. GLIB, main thread.
 *
 * It begins with the node's list command, follows the node's events, and loads the next page when
 * somebody looks near its end. Items are made in get_item alone: a thousand rows that nobody
 * scrolls to are a thousand JSON objects and no GObject.
 *
 * Properties: "is-loading", "is-empty" (loaded, and nothing is there), "problem" (a sentence, or
 * "" while all is well).
 */
#pragma once
#include "ui/model/items.h"

G_BEGIN_DECLS

#define SOUK_TYPE_ITEM_LIST (souk_item_list_get_type ())
G_DECLARE_FINAL_TYPE (SoukItemList, souk_item_list, SOUK, ITEM_LIST, GObject)

struct _SoukClient;

typedef enum {
  SOUK_LIST_LISTINGS,
  SOUK_LIST_ORDERS,
  SOUK_LIST_JOBS,
  SOUK_LIST_TRANSACTIONS,
  SOUK_LIST_PEERS,
  SOUK_LIST_LOG, /* the newest is last; events of every level come by asking */
} SoukListKind;

/* Begins to load at once. */
SoukItemList *souk_item_list_new (struct _SoukClient *client, SoukListKind kind);

/* Sets one argument of the list command and loads again; NULL or "" takes it away. */
void souk_item_list_filter (SoukItemList *self, const char *name, const char *value);
void souk_item_list_filter_flag (SoukItemList *self, const char *name, bool value);

/* Asks the node again; rows that stay are kept. For the log: asks for what came since. */
void souk_item_list_reload (SoukItemList *self);

bool souk_item_list_is_loading (SoukItemList *self);
/* Whether a filter is set that narrows the list. */
bool souk_item_list_is_filtered (SoukItemList *self);
/* Returns: (transfer full): never NULL. */
char *souk_item_list_dup_problem (SoukItemList *self);

/* Returns: (transfer full) (nullable): the first item whose text property has that value. */
SoukItem *souk_item_list_find (SoukItemList *self, const char *member, const char *value);

G_END_DECLS
