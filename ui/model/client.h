/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The window's connection to the node: what it can ask for, typed, and what the node tells. GLIB,
 * main thread.
 *
 * Each question names its owner, a GObject: when the owner is gone by the time the answer comes,
 * nobody is called, so that a dialog may be closed at any time.
 * Items are shared: there is one SoukItem for each thing as long as somebody holds it, and every
 * event updates it, whichever list it came from.
 *
 * Signals: "order-ended" (SoukOrder) and "job-ended" (SoukJob), when one reaches its end while the
 * client is there.
 */
#pragma once
#include "ui/model/items.h"

#include "node.h"

G_BEGIN_DECLS

#define SOUK_TYPE_CLIENT (souk_client_get_type ())
G_DECLARE_FINAL_TYPE (SoukClient, souk_client, SOUK, CLIENT, GObject)

typedef struct _SoukItemList SoukItemList;

/* `result` is borrowed, and NULL when `problem` says why; the sentence is for people. */
typedef void (*SoukClientDone) (gpointer owner, SoukItem *result, const char *problem);

/* What is asked of the node to publish; strings that are NULL or empty are left out. */
typedef struct {
  const char *title;
  const char *description;
  const char *category;
  const char *const *tags;   /* may be NULL */
  const char *const *models; /* may be NULL */
  const char *content;
  const char *sample;
  const char *price;
} SoukDraftListing;

typedef struct {
  const char *title;
  GBytes *module; /* the WebAssembly program */
  const char *const *args;
  const char *input; /* text for the standard input */
  const char *price_max;
  gint64 memory_mb;
  gint64 wall_ms;
  bool is_deterministic;
} SoukDraftJob;

/* What of the provider's settings to change; what is not `set` stays. */
typedef struct {
  bool set_enabled, set_price, set_limits, set_rules;
  bool enabled;
  const char *price;
  gint64 jobs_max, memory_mb, wall_ms;
  bool on_battery, on_metered;
} SoukProviderChange;

/* `node` is borrowed and has to outlive souk_client_close(). */
SoukClient *souk_client_new (SoukNode *node);
/* Ends everything that reaches the node; the client may live on, empty. */
void souk_client_close (SoukClient *self);

/* What is always there; each is one live item or list. Borrowed. */
SoukItem *souk_client_state (SoukClient *self);    /* SoukNodeState */
SoukItem *souk_client_provider (SoukClient *self); /* SoukProvider */
SoukItem *souk_client_account (SoukClient *self);  /* SoukAccount */
SoukItemList *souk_client_orders (SoukClient *self);
SoukItemList *souk_client_jobs (SoukClient *self);

/* Asks again for the state, the provider's settings or the account. */
void souk_client_refresh_state (SoukClient *self);
void souk_client_refresh_provider (SoukClient *self);
void souk_client_refresh_account (SoukClient *self);
/* Asks again for one listing, order or job, with all that lists leave out. */
void souk_client_refresh_item (SoukClient *self, SoukItem *item);

/* Returns: (transfer full): the SoukListing that an order is about. It may be known by its title
 * alone at first: the node is asked for the rest. */
SoukItem *souk_client_listing_of (SoukClient *self, SoukItem *order);

/* The result is the SoukListing. */
void souk_client_publish (SoukClient *self, const SoukDraftListing *draft, gpointer owner,
                          SoukClientDone done);
void souk_client_withdraw (SoukClient *self, SoukItem *listing, gpointer owner,
                           SoukClientDone done);
/* The result is the SoukOrder. The price that is shown is the most that is paid. */
void souk_client_purchase (SoukClient *self, SoukItem *listing, gpointer owner,
                           SoukClientDone done);
/* The result is a SoukReply with "text". */
void souk_client_fetch_content (SoukClient *self, SoukItem *listing, gpointer owner,
                                SoukClientDone done);

/* Stores the module, then asks the market. The result is the SoukJob. */
void souk_client_request_job (SoukClient *self, const SoukDraftJob *draft, gpointer owner,
                              SoukClientDone done);
void souk_client_cancel_job (SoukClient *self, SoukItem *job, gpointer owner, SoukClientDone done);
/* The result is a SoukReply with "stdout" and "stderr". */
void souk_client_fetch_result (SoukClient *self, SoukItem *job, gpointer owner,
                               SoukClientDone done);

void souk_client_set_provider (SoukClient *self, const SoukProviderChange *change, gpointer owner,
                               SoukClientDone done);
/* `address` is a multiaddr. The result is the SoukPeer. */
void souk_client_connect_peer (SoukClient *self, const char *address, gpointer owner,
                               SoukClientDone done);

G_END_DECLS
