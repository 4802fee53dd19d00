/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One node: the machines as a driver would hold them, a disk, and the invariants of each step. See
 * sim-world.h.
 */
#include "sim-world.h"

#include "market/listing.h"

#include <string.h>

/* Records are grouped by the hour of their expiry for sync. */
#define BUCKET_S 3600
#define LISTING_LIFE_S (20 * 24 * 3600)

typedef struct {
  uint64_t author, seqno;
} Delivery;

SoukMono
node_mono (const Node *node)
{
  return (SoukMono){ node->world->now_us };
}

SoukWall
node_wall (const Node *node)
{
  return (SoukWall){ SIM_EPOCH_S * SOUK_US_PER_S + node->world->now_us + node->skew_us };
}

static guint
delivery_hash (gconstpointer key)
{
  const Delivery *delivery = key;
  return (guint)(delivery->author * 2654435761u ^ delivery->seqno);
}

static gboolean
delivery_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (Delivery)) == 0;
}

static guint
hash_of_id (gconstpointer key)
{
  guint hash;
  memcpy (&hash, key, sizeof hash);
  return hash;
}

static gboolean
equal_ids (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, SOUK_RECORD_ID_SIZE) == 0;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, SOUK_RECORD_ID_SIZE);
}

/* ---- life ---- */

void
node_init (Node *node, World *world, size_t index)
{
  uint8_t seed[32];
  node->world = world;
  node->index = index;
  souk_rng_fill (&world->rng.rng, seed, sizeof seed);
  souk_identity_init_seed (&node->identity, seed);
  node->id = souk_identity_peer_id (&node->identity);
  g_hash_table_insert (world->index_of, &node->id, GSIZE_TO_POINTER (index + 1));
  node->protocol = (SoukGossipProtocol)sim_below (world, 3);
  node->skew_us = (sim_below (world, 2 * world->config.wall_skew_s + 1) - world->config.wall_skew_s)
                  * SOUK_US_PER_S;
  node->links = g_ptr_array_new ();
  node->by_peer = g_new0 (Link *, world->config.nodes);
  node->disk = g_hash_table_new_full (hash_of_id, equal_ids, g_free, (GDestroyNotify)g_bytes_unref);
}

static void
schedule_timer (Node *node)
{
  int64_t at = souk_gossip_deadline (node->gossip).us;
  if (at == node->timer_at_us)
    return;
  node->timer_at_us = at;
  sim_schedule (node->world, at,
                (Event){ .type = EVENT_TIMER, .node = node, .epoch = node->epoch });
}

/* Puts what is on the disk back, by thing, so that the order is the same in each run. */
static void
read_disk (Node *node)
{
  SoukStatus status;
  g_autoptr (GList) things = g_hash_table_get_keys (node->disk);
  things = g_list_sort (things, compare_ids);
  for (GList *l = things; l != NULL; l = l->next)
    {
      g_autoptr (SoukRecord) record = NULL;
      GBytes *bytes = g_hash_table_lookup (node->disk, l->data);
      status = souk_record_decode_kept (souk_slice_from_bytes (bytes), &record);
      sim_check (node->world, node, status == SOUK_STATUS_OK, "a kept record is not read");
      souk_catalogue_put_record (node->catalogue, record, node_wall (node), &status);
    }
}

void
node_start (Node *node)
{
  SoukGossipConfig config = { 0 };
  uint8_t seed[32];
  g_assert (!node->is_up);
  node->is_up = true;
  node->epoch++;
  souk_rng_fill (&node->world->rng.rng, seed, sizeof seed);
  souk_seeded_rng_init (&node->rng, seed);
  node->gossip = souk_gossip_new (&config, &node->identity, (uint64_t)node_wall (node).us * 1000,
                                  &node->rng.rng, node_mono (node));
  node->catalogue = souk_catalogue_new (0, 0, true);
  node->delivered = g_hash_table_new_full (delivery_hash, delivery_equal, g_free, NULL);
  read_disk (node);
  souk_gossip_subscribe (node->gossip, SIM_TOPIC, node_mono (node));
  souk_gossip_subscribe (node->gossip, "/souk/1/jobs", node_mono (node));
  node->timer_at_us = -1;
  schedule_timer (node);
}

void
node_crash (Node *node)
{
  g_clear_pointer (&node->gossip, souk_gossip_free);
  g_clear_pointer (&node->catalogue, souk_catalogue_free);
  g_clear_pointer (&node->delivered, g_hash_table_unref);
}

static void
clear_sync (Link *link, unsigned end)
{
  for (unsigned session = 0; session < 2; session++)
    g_clear_pointer (&link->sync[end][session], souk_sync_free);
}

void
node_done (Node *node)
{
  for (guint i = 0; i < node->links->len; i++)
    {
      Link *link = node->links->pdata[i];
      clear_sync (link, link->ends[0] == node ? 0 : 1);
    }
  node_crash (node);
  souk_identity_done (&node->identity);
  g_ptr_array_unref (node->links);
  g_hash_table_unref (node->disk);
  g_free (node->by_peer);
}

/* ---- records ---- */

/* Takes a record from anywhere, as the node's glue does: catalogue, then disk. */
static SoukPutResult
take_record (Node *node, SoukSlice bytes, bool by_gossip, SoukStatus *out_status)
{
  g_autoptr (SoukRecord) record = NULL;
  SoukPutResult result
      = souk_catalogue_put (node->catalogue, bytes, node_wall (node), &record, out_status);
  if (record == NULL)
    return result;
  g_hash_table_replace (node->disk, g_memdup2 (record->thing, sizeof record->thing),
                        g_bytes_ref (record->bytes));
  report_received (node, record->id, by_gossip);
  return result;
}

static SoukGossipVerdict
judge (Node *node, const Node *author, SoukSlice bytes)
{
  SoukStatus status = SOUK_STATUS_OK;
  uint8_t id[SOUK_HASH_SIZE];
  switch (take_record (node, bytes, true, &status))
    {
    case SOUK_PUT_ADDED:
    case SOUK_PUT_REPLACED:
    case SOUK_PUT_WITHDRAWN:
      return SOUK_GOSSIP_ACCEPT;
    case SOUK_PUT_STALE:
      /* What came by sync before is still news to others; an older version is not. */
      souk_sha256 (id, bytes);
      return souk_catalogue_by_id (node->catalogue, id) != NULL ? SOUK_GOSSIP_ACCEPT
                                                                : SOUK_GOSSIP_IGNORE;
    case SOUK_PUT_EXPIRED:
      return SOUK_GOSSIP_IGNORE;
    case SOUK_PUT_REFUSED:
      sim_check (node->world, node, author->is_liar, "an honest record is refused");
      return SOUK_GOSSIP_REJECT;
    }
  g_assert_not_reached ();
}

/* ---- gossip ---- */

static void
message (Node *node, const SoukGossipEvent *event)
{
  World *world = node->world;
  Delivery delivery
      = { GPOINTER_TO_SIZE (g_hash_table_lookup (world->index_of, event->author)), event->seqno };
  sim_check (world, node, delivery.author > 0, "a message of nobody");
  sim_check (world, node, strcmp (event->topic, SIM_TOPIC) == 0, "a message of another topic");
  sim_check (world, node,
             g_hash_table_add (node->delivered, g_memdup2 (&delivery, sizeof delivery)),
             "a message is delivered twice");
  SoukGossipVerdict verdict = judge (node, &world->nodes[delivery.author - 1], event->data);
  sim_check (world, node,
             souk_gossip_validated (node->gossip, event->id, verdict, node_mono (node)),
             "a verdict finds no message");
}

/* What must hold after every step. */
static void
check_bounds (Node *node)
{
  World *world = node->world;
  SoukGossipStats stats;
  souk_gossip_stats (node->gossip, &stats);
  sim_check (world, node, stats.pending == 0, "a message waits for a verdict that was given");
  sim_check (world, node, stats.seen <= SOUK_GOSSIP_SEEN_MAX, "too much is remembered as seen");
  sim_check (world, node, stats.cached_bytes <= SOUK_GOSSIP_CACHE_BYTES_MAX, "the cache is full");
  sim_check (world, node, stats.promises <= SOUK_GOSSIP_PROMISES_MAX, "too many promises");
  sim_check (world, node, stats.queued_bytes <= stats.peers * SOUK_GOSSIP_QUEUE_BYTES_MAX,
             "too much waits to be sent");
  sim_check (world, node, stats.peers <= node->links->len, "there are more peers than links");
  sim_check (world, node, stats.invalid == 0 || world->config.liars > 0,
             "an honest message is invalid");
  world->report.memory_max = MAX (world->report.memory_max, stats.seen);
}

static void
pump (Node *node)
{
  SoukGossipEvent event;
  while (souk_gossip_next (node->gossip, &event))
    switch (event.type)
      {
        case SOUK_GOSSIP_EVENT_SEND: {
          gsize index
              = GPOINTER_TO_SIZE (g_hash_table_lookup (node->world->index_of, event.peer)) - 1;
          Link *link = node->by_peer[index];
          sim_check (node->world, node, link->is_up, "something is sent to a peer that is gone");
          sim_send (node->world, link, link->ends[0] == node ? 0 : 1, PAYLOAD_GOSSIP, 0, event.rpc);
          break;
        }
      case SOUK_GOSSIP_EVENT_MESSAGE:
        message (node, &event);
        break;
      case SOUK_GOSSIP_EVENT_SUBSCRIBED:
      case SOUK_GOSSIP_EVENT_UNSUBSCRIBED:
      case SOUK_GOSSIP_EVENT_GRAFTED:
      case SOUK_GOSSIP_EVENT_PRUNED:
      case SOUK_GOSSIP_EVENT_REFUSED:
        break;
      }
  check_bounds (node);
  schedule_timer (node);
}

void
node_timer (Node *node)
{
  World *world = node->world;
  souk_gossip_tick (node->gossip, node_mono (node));
  /* "|mesh[topic]| > D_high: select |mesh[topic]| - D peers" and prune them. */
  sim_check (world, node, souk_gossip_mesh_size (node->gossip, SIM_TOPIC) <= SOUK_GOSSIP_D_HI,
             "the mesh has too many peers after a heartbeat");
  for (guint i = 0; i < node->links->len; i++)
    {
      Link *link = node->links->pdata[i];
      Node *peer = link->ends[link->ends[0] == node];
      double score;
      if (!souk_gossip_score (node->gossip, &peer->id, &score)
          || score >= SOUK_GOSSIP_SCORE_GRAYLIST)
        continue;
      sim_check (world, node, peer->is_liar || node->is_liar, "an honest peer is in the graylist");
      peer->was_found = true;
    }
  pump (node);
}

void
node_set_writable (Node *node, Link *link, unsigned end, bool is_writable)
{
  if (!node->is_up)
    return;
  souk_gossip_set_writable (node->gossip, &link->ends[1 - end]->id, is_writable);
  if (is_writable)
    pump (node);
}

void
node_publish (Node *node)
{
  World *world = node->world;
  SoukRecord *record = NULL;
  SoukStatus status;
  size_t peers;
  if (!node->is_up)
    return; /* nobody at home */

  /* One thing in three is a new version or the end of the node's first. */
  int64_t dice = sim_below (world, 6);
  bool is_old = node->sequence > 0 && dice < 2;
  g_autofree char *title
      = g_strdup_printf ("Listing %d of node %d", (int)node->sequence, (int)node->index);
  g_autofree char *description = g_strnfill ((gsize)sim_below (world, 2000), 'x');
  char category[] = "writing", sample[] = "sample", *none[] = { NULL };
  SoukListing listing = {
    .title = title,
    .description = description,
    .category = category,
    .sample = sample,
    .tags = none,
    .models = none,
    .cid = souk_cid_of (SOUK_CODEC_RAW, souk_slice_from_text (title)),
    .size_bytes = 100,
    .created = souk_wall_seconds (node_wall (node)),
  };
  SoukRecord draft = {
    .type = SOUK_RECORD_LISTING,
    .key_len = 1,
    .key = { is_old ? 0 : (uint8_t)node->sequence },
    .sequence = node->sequence + 1,
    .expires = souk_wall_seconds (node_wall (node)) + LISTING_LIFE_S - sim_below (world, 500000),
    .is_withdrawn = is_old && dice == 0,
  };
  g_autoptr (GBytes) body
      = draft.is_withdrawn ? g_bytes_new (NULL, 0) : souk_listing_to_body (&listing);
  draft.body = body;
  status = souk_record_build (&draft, &node->identity, node_wall (node), &record);
  sim_check (world, node, status == SOUK_STATUS_OK, "a record cannot be built");
  node->sequence++;
  report_published (node, record);
  take_record (node, souk_slice_from_bytes (record->bytes), false, &status);
  sim_check (world, node, status == SOUK_STATUS_OK, "an own record is refused");
  status = souk_gossip_publish (node->gossip, SIM_TOPIC, souk_slice_from_bytes (record->bytes),
                                node_mono (node), &peers);
  sim_check (world, node, status == SOUK_STATUS_OK, "a record cannot be published");
  souk_record_free (record);
  pump (node);
}

/* ---- sync ---- */

static SoukSyncSet *
sync_set (Node *node)
{
  size_t count;
  const SoukCatalogueEntry *const *entries = souk_catalogue_sorted (node->catalogue, &count);
  g_autoptr (GArray) items = g_array_sized_new (FALSE, FALSE, sizeof (SoukSyncItem), (guint)count);
  for (size_t i = 0; i < count; i++)
    {
      SoukSyncItem item = { .bucket = (uint64_t)entries[i]->expires / BUCKET_S };
      memcpy (item.id, entries[i]->id, sizeof item.id);
      g_array_append_val (items, item);
    }
  return souk_sync_set_new ((const SoukSyncItem *)(const void *)items->data, items->len);
}

/* Sends what the session has to say, and the records it owes; closes it when nothing is left. */
static void
pump_sync (Node *node, Link *link, unsigned end, unsigned session)
{
  World *world = node->world;
  SoukSync *sync = link->sync[end][session];
  SoukSyncItem item;
  g_autoptr (GBytes) message = souk_sync_take_message (sync);
  if (message != NULL)
    sim_send (world, link, end, PAYLOAD_SYNC, session, message);
  while (souk_sync_next_owed (sync, &item))
    {
      /* It may have been replaced since the session began. */
      const SoukCatalogueEntry *entry = souk_catalogue_by_id (node->catalogue, item.id);
      if (entry == NULL)
        continue;
      world->report.sync_records++;
      sim_send (world, link, end, PAYLOAD_RECORD, session, entry->bytes);
    }
  if (souk_sync_is_done (sync))
    g_clear_pointer (&link->sync[end][session], souk_sync_free);
}

void
node_begin_sync (Node *node, Link *link, unsigned end)
{
  if (link->sync[end][end] != NULL)
    return;
  SoukSyncSet *set = sync_set (node);
  node->world->report.sync_sessions++;
  link->sync[end][end] = souk_sync_new_initiator (set, &node->rng.rng);
  souk_sync_set_unref (set);
  pump_sync (node, link, end, end);
}

void
node_sync (Node *node)
{
  if (!node->is_up || node->links->len == 0)
    return;
  Link *link = node->links->pdata[sim_below (node->world, node->links->len)];
  if (link->is_up)
    node_begin_sync (node, link, link->ends[0] == node ? 0 : 1);
}

/* The other side broke a protocol: only a liar does. The driver closes the connection. */
static void
refuse (Node *node, Link *link, const Event *event, const char *what)
{
  sim_check (node->world, node, link->ends[1 - event->to]->is_liar, what);
  sim_link_drop (node->world, link, 2 * SOUK_US_PER_S);
}

static void
recv_sync (Node *node, Link *link, const Event *event)
{
  unsigned end = event->to, session = event->session;
  if (link->sync[end][session] == NULL)
    {
      sim_check (node->world, node, session != end, "a session that is over gets a message");
      SoukSyncSet *set = sync_set (node);
      link->sync[end][session] = souk_sync_new_responder (set);
      souk_sync_set_unref (set);
    }
  SoukStatus status
      = souk_sync_recv (link->sync[end][session], souk_slice_from_bytes (event->bytes));
  if (status == SOUK_STATUS_OK)
    pump_sync (node, link, end, session);
  else
    refuse (node, link, event, "an honest sync message is refused");
}

/* ---- links ---- */

void
node_link_up (Node *node, Link *link, unsigned end)
{
  Node *peer = link->ends[1 - end];
  SoukGossipProtocol protocol = MIN (node->protocol, peer->protocol);
  SoukStatus status
      = souk_gossip_add_peer (node->gossip, &peer->id, protocol, end == 0, node_mono (node));
  sim_check (node->world, node, status == SOUK_STATUS_OK, "a peer is here already");
  pump (node);
}

void
node_link_down (Node *node, Link *link, unsigned end)
{
  clear_sync (link, end);
  if (!node->is_up)
    return;
  souk_gossip_remove_peer (node->gossip, &link->ends[1 - end]->id, node_mono (node));
  pump (node);
}

void
node_arrival (Node *node, Link *link, const Event *event)
{
  SoukSlice bytes = souk_slice_from_bytes (event->bytes);
  SoukStatus status = SOUK_STATUS_OK;
  switch (event->payload)
    {
    case PAYLOAD_GOSSIP:
      status = souk_gossip_recv (node->gossip, &link->ends[1 - event->to]->id, bytes,
                                 node_mono (node));
      if (status == SOUK_STATUS_OK)
        pump (node);
      else
        refuse (node, link, event, "an honest RPC is refused");
      break;
    case PAYLOAD_SYNC:
      recv_sync (node, link, event);
      break;
    case PAYLOAD_RECORD:
      take_record (node, bytes, false, &status);
      if (status != SOUK_STATUS_OK)
        refuse (node, link, event, "an honest record is refused");
      break;
    }
}
