/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the lists need of the client, and the client of the lists. Inside ui/model only.
 */
#pragma once
#include "ui/model/client.h"
#include "ui/model/item-list.h"

/* Called on the main thread; `reply` is borrowed and NULL when `problem` says why. */
typedef void (*SoukClientReply) (gpointer owner, JsonNode *reply, const char *problem,
                                 gpointer data);

/* Asks the node. `args` (transfer full) (nullable), `body` (nullable). `data` is freed with
 * `data_free` after the answer, whether the owner is there or not. */
void souk_client_ask (SoukClient *self, const char *command, JsonObject *args, GBytes *body,
                      gpointer owner, SoukClientReply reply, gpointer data,
                      GDestroyNotify data_free);

/* Returns: (transfer full): the one item of that type and id; made from `object` when nobody holds
 * it yet. One that is there keeps what it has: it may be newer than the caller's object. */
SoukItem *souk_client_pool_get (SoukClient *self, GType type, const char *id, JsonObject *object);
/* Brings the item up to `object` when somebody holds it. */
void souk_client_pool_update (SoukClient *self, GType type, const char *id, JsonObject *object);

/* Lists tell the client of themselves, to be told of events. */
void souk_client_add_list (SoukClient *self, SoukItemList *list);
void souk_client_remove_list (SoukClient *self, SoukItemList *list);

/* One event; `object` is the thing that it carries, or NULL. */
void souk_item_list_on_event (SoukItemList *self, const char *event, JsonObject *object);
