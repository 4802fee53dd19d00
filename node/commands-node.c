/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The commands about the node itself: status, peers, logs, tokens. GLIB, node thread.
 */
#include "parts.h"

#include "api/values.h"
#include "souk-config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOGS_DEFAULT 100
#define LOGS_MAX 2000

/* ---- status ---- */

/* Returns: bytes of resident memory, 0 when the system does not tell. */
static gint64
resident_bytes (void)
{
  long pages = 0;
  FILE *file = fopen ("/proc/self/statm", "re");
  if (file == NULL)
    return 0;
  if (fscanf (file, "%*s %ld", &pages) != 1)
    pages = 0;
  fclose (file);
  return (gint64)pages * sysconf (_SC_PAGESIZE);
}

static void
set_listen (JsonObject *object, SoukSwarm *swarm)
{
  JsonArray *listen = json_array_new ();
  g_autoptr (GArray) addrs = souk_swarm_listen_addrs (swarm);
  for (guint i = 0; i < addrs->len; i++)
    {
      SoukMultiaddr full;
      if (souk_multiaddr_with_peer_id (&g_array_index (addrs, SoukMultiaddr, i),
                                       souk_swarm_self (swarm), &full)
          != SOUK_STATUS_OK)
        continue;
      g_autofree char *text = souk_multiaddr_to_string (&full);
      json_array_add_string_element (listen, text);
    }
  json_object_set_array_member (object, "listen", listen);
}

static void
on_status (SoukCall *call, gpointer user_data)
{
  SoukParts *parts = user_data;
  JsonObject *object = json_object_new ();
  g_autoptr (GArray) peers = souk_swarm_connected_peers (parts->swarm);
  g_autofree char *started = g_date_time_format_iso8601 (parts->started);
  SoukStoreUsage usage = souk_store_usage (parts->store);

  json_object_set_string_member (object, "version", SOUK_VERSION);
  souk_json_set_peer (object, "peer_id", souk_swarm_self (parts->swarm));
  set_listen (object, parts->swarm);
  json_object_set_string_member (object, "api", souk_http_url (parts->http));
  json_object_set_string_member (object, "network",
                                 parts->network != NULL ? parts->network->name : "none");
  json_object_set_string_member (object, "chain", souk_money_state_name (parts->money));
  if (parts->money != NULL)
    json_object_set_int_member (object, "chain_block", (gint64)souk_money_block (parts->money));
  if (parts->network != NULL)
    json_object_set_string_member (object, "coin", parts->network->coin);
  json_object_set_int_member (object, "peers", peers->len);
  json_object_set_int_member (object, "listings",
                              (gint64)souk_board_count (parts->board, SOUK_RECORD_LISTING));
  json_object_set_int_member (
      object, "jobs", (gint64)(souk_jobs_count (parts->jobs) + souk_works_count (parts->works)));
  json_object_set_int_member (object, "stored_bytes", usage.block_bytes);
  json_object_set_string_member (object, "chain", souk_money_state_name (parts->money));
  if (parts->money != NULL)
    json_object_set_int_member (object, "chain_block", (gint64)souk_money_block (parts->money));
  json_object_set_int_member (object, "rss_bytes", resident_bytes ());
  json_object_set_string_member (object, "started", started);
  json_object_set_int_member (object, "ready_ms", parts->ready_ms);
  souk_call_reply (call, souk_json_object_node (object));
}

/* ---- peers ---- */

static JsonObject *
peer_object (SoukSwarm *swarm, const SoukPeerId *peer)
{
  g_autoptr (SoukPeerInfo) info = souk_swarm_peer_info (swarm, peer);
  JsonObject *object = json_object_new ();
  souk_json_set_peer (object, "peer_id", peer);
  if (info == NULL)
    return object;
  if (info->addr.len > 0)
    {
      g_autofree char *address = souk_multiaddr_to_string (&info->addr);
      json_object_set_string_member (object, "address", address);
    }
  json_object_set_string_member (object, "direction", info->is_inbound ? "inbound" : "outbound");
  if (info->agent != NULL)
    json_object_set_string_member (object, "agent", info->agent);
  souk_json_set_strings (object, "protocols", (const char *const *)info->protocols);
  if (info->round_trip_us >= 0)
    json_object_set_int_member (object, "rtt_us", info->round_trip_us);
  souk_json_set_time (object, "connected", info->connected_at);
  json_object_set_int_member (object, "received_bytes", (gint64)info->bytes_in);
  json_object_set_int_member (object, "sent_bytes", (gint64)info->bytes_out);
  return object;
}

static void
on_peer_list (SoukCall *call, gpointer user_data)
{
  SoukParts *parts = user_data;
  g_autoptr (GArray) peers = souk_swarm_connected_peers (parts->swarm);
  JsonArray *items = json_array_new ();
  for (guint i = 0; i < peers->len; i++)
    json_array_add_object_element (
        items, peer_object (parts->swarm, &g_array_index (peers, SoukPeerId, i)));
  souk_call_reply_list (call, items, peers->len);
}

static void
on_dialled (SoukSwarm *swarm, const SoukPeerId *peer, const GError *error, void *user)
{
  SoukCall *call = user;
  if (peer == NULL)
    souk_call_fail (call, 502, "dial-failed", "The peer was not reached: %s", error->message);
  else
    souk_call_reply (call, souk_json_object_node (peer_object (swarm, peer)));
}

static void
on_peer_connect (SoukCall *call, gpointer user_data)
{
  SoukParts *parts = user_data;
  SoukMultiaddr addr;
  const char *text = souk_call_string (call, "address", "");
  if (souk_multiaddr_parse (text, &addr) != SOUK_STATUS_OK)
    souk_call_fail (call, 400, "bad-address",
                    "\"%s\" is no peer's address; write /ip4/…/tcp/…/p2p/…", text);
  else
    souk_swarm_dial (parts->swarm, &addr, on_dialled, call);
}

/* ---- logs ---- */

static JsonObject *
entry_object (const SoukLogEntry *entry)
{
  JsonObject *object = json_object_new ();
  g_autofree char *fields = souk_log_entry_fields (entry);
  json_object_set_int_member (object, "sequence", (gint64)entry->seq);
  souk_json_set_time (object, "time", entry->time);
  json_object_set_string_member (object, "level", souk_log_level_name (entry->level));
  json_object_set_string_member (object, "area", entry->area);
  json_object_set_string_member (object, "event", entry->event);
  json_object_set_string_member (object, "message", entry->message);
  json_object_set_member (object, "fields", json_from_string (fields, NULL));
  return object;
}

static void
on_log_list (SoukCall *call, gpointer user_data)
{
  SoukParts *parts = user_data;
  SoukLogFilter filter = {
    .level = SOUK_LOG_DEBUG,
    .area = souk_call_string (call, "area", NULL),
    .text = souk_call_string (call, "text", NULL),
    .since = (uint64_t)MAX (souk_call_integer (call, "since", 0), 0),
    .limit = (unsigned)CLAMP (souk_call_integer (call, "limit", LOGS_DEFAULT), 1, LOGS_MAX),
  };
  const char *level = souk_call_string (call, "level", "debug");
  if (!souk_log_level_parse (level, &filter.level))
    {
      souk_call_fail (call, 400, "bad-level",
                      "\"%s\" is no level; there are debug, info, notice, warning and error.",
                      level);
      return;
    }
  g_autoptr (GPtrArray) entries = souk_log_query (parts->log, &filter);
  JsonArray *items = json_array_new ();
  for (guint i = 0; i < entries->len; i++)
    json_array_add_object_element (items, entry_object (entries->pdata[i]));
  souk_call_reply_list (call, items, entries->len);
}

/* Every record of notice and above is an event as well. */
static void
on_log_entry (SoukLogEntry *entry, gpointer user_data)
{
  SoukParts *parts = user_data;
  JsonObject *event = json_object_new ();
  json_object_set_object_member (event, "record", entry_object (entry));
  souk_dispatch_emit (parts->dispatch, "log.record", event);
}

/* ---- tokens ---- */

static void
on_token_create (SoukCall *call, gpointer user_data)
{
  static const struct {
    const char *name;
    SoukScope scope;
  } known[] = {
    { "read", SOUK_SCOPE_READ },
    { "operate", SOUK_SCOPE_OPERATE },
    { "spend", SOUK_SCOPE_SPEND },
  };
  SoukParts *parts = user_data;
  g_auto (GStrv) scopes = souk_call_strings (call, "scopes");
  unsigned set = 0;
  g_autoptr (GError) error = NULL;

  for (char **at = scopes; *at != NULL; at++)
    {
      size_t i = 0;
      while (i < G_N_ELEMENTS (known) && strcmp (known[i].name, *at) != 0)
        i++;
      if (i == G_N_ELEMENTS (known))
        {
          souk_call_fail (call, 400, "bad-scope",
                          "\"%s\" is no scope; there are read, operate and spend.", *at);
          return;
        }
      set |= known[i].scope;
    }
  const char *name = souk_call_string (call, "name", "");
  g_autofree char *token = souk_tokens_create (parts->tokens, name, set, &error);
  if (token == NULL)
    {
      souk_call_fail (call, 500, "token-not-stored", "%s", error->message);
      return;
    }
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "token", token);
  souk_json_set_strings (object, "scopes", (const char *const *)scopes);
  json_object_set_string_member (object, "name", name);
  souk_call_reply (call, souk_json_object_node (object));
}

void
souk_node_bind_commands (SoukParts *parts)
{
  static const SoukLogFilter worth_telling = { .level = SOUK_LOG_NOTICE };
  souk_dispatch_bind (parts->dispatch, "node.status", on_status, parts);
  souk_dispatch_bind (parts->dispatch, "peer.list", on_peer_list, parts);
  souk_dispatch_bind (parts->dispatch, "peer.connect", on_peer_connect, parts);
  souk_dispatch_bind (parts->dispatch, "log.list", on_log_list, parts);
  souk_dispatch_bind (parts->dispatch, "token.create", on_token_create, parts);
  souk_log_follow (parts->log, &worth_telling, g_main_context_get_thread_default (), on_log_entry,
                   parts, NULL);
}
