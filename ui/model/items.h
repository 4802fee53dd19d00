/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The kinds of items: what a listing, an order, a job, … has for the window. GLIB, main thread.
 * The properties of each stand in its table in items.c, next to the member that they are read from;
 * node/api/commands.c says what the members mean.
 */
#pragma once
#include "ui/model/item.h"

G_BEGIN_DECLS

G_DECLARE_FINAL_TYPE (SoukListing, souk_listing, SOUK, LISTING, SoukItem)
G_DECLARE_FINAL_TYPE (SoukOrder, souk_order, SOUK, ORDER, SoukItem)
G_DECLARE_FINAL_TYPE (SoukJob, souk_job, SOUK, JOB, SoukItem)
G_DECLARE_FINAL_TYPE (SoukBid, souk_bid, SOUK, BID, SoukItem)
G_DECLARE_FINAL_TYPE (SoukStep, souk_step, SOUK, STEP, SoukItem)
G_DECLARE_FINAL_TYPE (SoukTransaction, souk_transaction, SOUK, TRANSACTION, SoukItem)
G_DECLARE_FINAL_TYPE (SoukPeer, souk_peer, SOUK, PEER, SoukItem)
G_DECLARE_FINAL_TYPE (SoukLogRecord, souk_log_record, SOUK, LOG_RECORD, SoukItem)
G_DECLARE_FINAL_TYPE (SoukProvider, souk_provider, SOUK, PROVIDER, SoukItem)
G_DECLARE_FINAL_TYPE (SoukAccount, souk_account, SOUK, ACCOUNT, SoukItem)
G_DECLARE_FINAL_TYPE (SoukNodeState, souk_node_state, SOUK, NODE_STATE, SoukItem)
/* The text of a prompt, what a job printed, or where content is stored: a reply and no more. */
G_DECLARE_FINAL_TYPE (SoukReply, souk_reply, SOUK, REPLY, SoukItem)

#define SOUK_TYPE_LISTING (souk_listing_get_type ())
#define SOUK_TYPE_ORDER (souk_order_get_type ())
#define SOUK_TYPE_JOB (souk_job_get_type ())
#define SOUK_TYPE_BID (souk_bid_get_type ())
#define SOUK_TYPE_STEP (souk_step_get_type ())
#define SOUK_TYPE_TRANSACTION (souk_transaction_get_type ())
#define SOUK_TYPE_PEER (souk_peer_get_type ())
#define SOUK_TYPE_LOG_RECORD (souk_log_record_get_type ())
#define SOUK_TYPE_PROVIDER (souk_provider_get_type ())
#define SOUK_TYPE_ACCOUNT (souk_account_get_type ())
#define SOUK_TYPE_NODE_STATE (souk_node_state_get_type ())
#define SOUK_TYPE_REPLY (souk_reply_get_type ())

/* So that interface files may name them. */
void souk_items_ensure_types (void);

G_END_DECLS
