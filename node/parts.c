/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making a node out of its parts, and taking it apart. See parts.h.
 *
 * Everything that can fail for a reason of this computer's (a directory in use, a port that is
 * taken) fails here, before the node is ready, with a sentence. Peers and the chain are waited for
 * in the background.
 */
#include "parts.h"

#include "souk-config.h"

#include "api/tokens.h"
#include "store/blocks.h"
#include "swarm/system-rng.h"
#include "trade/library-block.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define IDENTITY_FILE "identity.key"
#define SEED_SIZE 32

/* ---- files ---- */

static bool
make_data_dir (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0700) == 0)
    return true;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               "The data directory %s cannot be made: %s", path, g_strerror (errno));
  return false;
}

/* Reads the seed of this node's key, or makes one the first time. */
static bool
load_identity (SoukParts *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->data_dir, IDENTITY_FILE, NULL);
  g_autofree char *content = NULL;
  uint8_t seed[SEED_SIZE];
  gsize len = 0;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      randombytes_buf (seed, sizeof seed);
      if (!g_file_set_contents_full (path, (const char *)seed, sizeof seed,
                                     G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                     0600, error))
        return false;
    }
  else
    {
      if (!g_file_get_contents (path, &content, &len, error))
        return false;
      if (len != SEED_SIZE)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "%s is no key of 32 bytes; restore it from a copy, or remove it to become "
                       "a new peer",
                       path);
          return false;
        }
      memcpy (seed, content, SEED_SIZE);
      sodium_memzero (content, SEED_SIZE);
    }
  souk_identity_init_seed (&self->identity, seed);
  sodium_memzero (seed, sizeof seed);
  return true;
}

static bool
open_log (SoukParts *self, const SoukNodeConfig *config, GError **error)
{
  g_autofree char *path = g_build_filename (self->data_dir, "souk.log", NULL);
  SoukLogConfig log_config = {
    .path = path,
    .level = SOUK_LOG_INFO,
    .stderr_level = config->is_log_on_stderr ? SOUK_LOG_INFO : SOUK_LOG_NONE,
  };
  self->log = souk_log_new (&log_config, error);
  return self->log != NULL;
}

/* ---- the mesh ---- */

/* The swarm names what happened; the log wants a level and a sentence. */
static const struct {
  const char *name;
  SoukLogLevel level;
  const char *sentence;
} swarm_words[] = {
  { "listening", SOUK_LOG_INFO, "The node listens for peers." },
  { "peer-connected", SOUK_LOG_INFO, "A peer is connected." },
  { "peer-disconnected", SOUK_LOG_INFO, "A peer is gone." },
  { "dial-failed", SOUK_LOG_NOTICE, "A peer could not be reached." },
  { "handshake-failed", SOUK_LOG_WARNING, "A stranger did not finish the handshake." },
  { "inbound-refused", SOUK_LOG_NOTICE, "A connection was refused, since a limit is reached." },
  { "gossip-refused", SOUK_LOG_WARNING, "A peer's message was refused and goes no further." },
  { "peer-penalised", SOUK_LOG_WARNING, "A peer broke a rule and loses score." },
  { "peer-banned", SOUK_LOG_WARNING,
    "A peer broke rules again and again and is banned for a while." },
};

static void
on_swarm_log (void *user, const char *name, SoukStatus status, const SoukPeerId *peer,
              const char *detail)
{
  SoukParts *self = user;
  g_autofree char *event = g_strconcat ("swarm.", name, NULL);
  size_t i = 0;
  while (i < G_N_ELEMENTS (swarm_words) && strcmp (swarm_words[i].name, name) != 0)
    i++;
  bool is_known = i < G_N_ELEMENTS (swarm_words);
  bool is_ok = status == SOUK_STATUS_OK;
  souk_log_record (self->log, is_known ? swarm_words[i].level : SOUK_LOG_NOTICE, event,
                   is_known ? swarm_words[i].sentence : souk_status_sentence (status),
                   souk_log_peer ("peer", peer), souk_log_string ("detail", detail),
                   souk_log_status ("status", status),
                   souk_log_string ("reason", is_ok ? NULL : souk_status_sentence (status)));
}

static bool
listen_on (SoukParts *self, const char *text, GError **error)
{
  SoukMultiaddr addr;
  if (souk_multiaddr_parse (text, &addr) != SOUK_STATUS_OK)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "\"%s\" is no address to listen on; write /ip4/0.0.0.0/tcp/4001", text);
      return false;
    }
  return souk_swarm_listen (self->swarm, &addr, error);
}

static void
on_bootstrap_dialled (SoukSwarm *swarm, const SoukPeerId *peer, const GError *error, void *user)
{
  SoukParts *self = user;
  if (error != NULL)
    souk_log_record (self->log, SOUK_LOG_NOTICE, "node.bootstrap-failed",
                     "A bootstrap peer does not answer.", souk_log_error ("reason", error));
}

static bool
dial_bootstrap (SoukParts *self, const char *text, GError **error)
{
  SoukMultiaddr addr;
  if (souk_multiaddr_parse (text, &addr) != SOUK_STATUS_OK)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "\"%s\" is no peer's address; write /ip4/…/tcp/…/p2p/…", text);
      return false;
    }
  souk_swarm_dial (self->swarm, &addr, on_bootstrap_dialled, self);
  return true;
}

static void
on_discovered (SoukSwarm *swarm, const SoukPeerId *peer, void *user)
{
  souk_swarm_dial_peer (swarm, peer, NULL, NULL);
}

/* Tells the window and the event stream who comes and goes. */
static void
emit_peer (SoukParts *self, const char *name, const SoukPeerId *peer)
{
  g_autofree char *text = souk_peer_id_to_string (peer);
  JsonObject *event = json_object_new ();
  json_object_set_string_member (event, "peer_id", text);
  souk_dispatch_emit (self->dispatch, name, event);
}

static void
on_identified (SoukSwarm *swarm, const SoukPeerId *peer, const SoukIdentifyInfo *info, void *user)
{
  emit_peer (user, "peer.connected", peer);
}

static void
on_disconnected (SoukSwarm *swarm, const SoukPeerId *peer, void *user)
{
  emit_peer (user, "peer.disconnected", peer);
}

static const SoukSwarmWatch swarm_watch = {
  .on_identified = on_identified,
  .on_disconnected = on_disconnected,
  .on_discovered = on_discovered,
};

static bool
start_swarm (SoukParts *self, const SoukNodeConfig *config, GError **error)
{
  static const char *const anywhere[] = { "/ip4/0.0.0.0/tcp/0", NULL };
  const char *const *listen = config->listen != NULL ? config->listen : anywhere;
  SoukSwarmConfig swarm_config = {
    .identity = &self->identity,
    .rng = souk_system_rng (),
    .agent = "souk/" SOUK_VERSION,
    .limits = SOUK_SWARM_LIMITS_DEFAULT,
    .events = { on_swarm_log, self },
    .announces_private = true,
  };
  self->swarm = souk_swarm_new (&swarm_config);
  souk_swarm_watch (self->swarm, &swarm_watch, self);
  for (; *listen != NULL; listen++)
    if (!listen_on (self, *listen, error))
      return false;
  return true;
}

static bool
start_discovery (SoukParts *self, const SoukNodeConfig *config, GError **error)
{
  const char *const *lists[]
      = { config->bootstrap,
          self->network != NULL ? (const char *const *)self->network->bootstrap : NULL };
  for (size_t i = 0; i < G_N_ELEMENTS (lists); i++)
    for (const char *const *at = lists[i]; at != NULL && *at != NULL; at++)
      if (!dial_bootstrap (self, *at, error))
        return false;
  if (config->is_mdns_enabled)
    {
      g_autoptr (GError) local = NULL;
      self->mdns = souk_mdns_new (self->swarm, NULL, &local);
      if (self->mdns == NULL)
        souk_log_record (self->log, SOUK_LOG_WARNING, "node.mdns-off",
                         "Peers on the local network cannot be looked for.",
                         souk_log_error ("reason", local));
    }
  return true;
}

/* ---- the market ---- */

static GBytes *
source_get (const SoukCid *cid, void *user)
{
  SoukParts *self = user;
  return souk_blocks_get (self->store, cid, NULL);
}

static bool
source_has (const SoukCid *cid, size_t *out_size_bytes, void *user)
{
  SoukParts *self = user;
  int64_t size = souk_blocks_size (self->store, cid);
  if (size < 0)
    return false;
  *out_size_bytes = (size_t)size;
  return true;
}

static bool
sign_digest (const uint8_t digest[SOUK_HASH_SIZE], uint8_t out_signature[SOUK_ECDSA_SIZE],
             void *user)
{
  SoukParts *self = user;
  return souk_wallet_sign (self->wallet, digest, out_signature);
}

/* The wallet and the chain, for a node that has a network. */
static bool
start_money (SoukParts *self, const SoukNodeConfig *config, GError **error)
{
  const SoukNetwork *network = self->network;
  SoukWalletConfig wallet_config
      = { .data_dir = self->data_dir, .key_file = config->wallet_key_file, .log = self->log };
  if (network != NULL)
    {
      self->wallet = souk_wallet_open (&wallet_config, error);
      if (self->wallet == NULL)
        return false;
      SoukMoneyConfig money_config = {
        .store = self->store,
        .log = self->log,
        .dispatch = self->dispatch,
        .self = *souk_swarm_self (self->swarm),
        .rpc_urls = (const char *const *)network->rpc_urls,
        .chain_id = network->chain_id,
        .marketplace = network->marketplace,
        .rental = network->rental,
        .confirmations = network->confirmations,
        .poll_ms = network->poll_ms,
        .address = *souk_wallet_address (self->wallet),
        .sign = sign_digest,
        .sign_user = self,
      };
      self->money = souk_money_new (&money_config, error);
      if (self->money == NULL)
        return false;
    }
  souk_money_bind (self->money, self->dispatch);
  return true;
}

/* Tells how far the node knows its neighbours in the hash table. */
static void
on_dht_progress (SoukDht *dht, unsigned done, unsigned total, unsigned n_peers, void *user)
{
  SoukParts *self = user;
  JsonObject *event = json_object_new ();
  json_object_set_int_member (event, "done", done);
  json_object_set_int_member (event, "total", total);
  json_object_set_int_member (event, "peers", n_peers);
  souk_dispatch_emit (self->dispatch, "dht.progress", event);
}

static void
start_market (SoukParts *self, const SoukNodeConfig *config)
{
  SoukBlockSource source = { source_get, source_has, self };
  self->pubsub = souk_pubsub_new (self->swarm);
  self->exchange = souk_exchange_new (self->swarm, &source);
  SoukDhtConfig dht_config = {
    .protocol = SOUK_KAD_PROTOCOL, .is_server = true, .on_progress = on_dht_progress, .user = self
  };
  self->dht = souk_dht_new (self->swarm, &dht_config);
  self->finder = souk_finder_new (self->swarm, self->store, self->dht);
  SoukBoardConfig board_config = { self->store, self->swarm, self->pubsub, self->log };
  self->board = souk_board_new (&board_config);
  self->library = souk_library_new (self->store, self->exchange, self->log);
  souk_library_set_finder (self->library, self->finder);
  SoukTradeContext context = {
    .dispatch = self->dispatch,
    .log = self->log,
    .store = self->store,
    .swarm = self->swarm,
    .pubsub = self->pubsub,
    .exchange = self->exchange,
    .board = self->board,
    .library = self->library,
    .money = self->money,
  };
  self->prompts = souk_prompts_new (&context);
  self->orders = souk_orders_new (&context);
  self->works = souk_works_new (&context, self->data_dir, config->is_provider);
  self->jobs = souk_jobs_new (&context, self->works);
}

/* ---- the API ---- */

/* Splits "HOST:PORT" or "[::1]:PORT". */
static bool
parse_api (const char *text, char **out_host, uint16_t *out_port, GError **error)
{
  const char *colon = strrchr (text, ':');
  guint64 port;
  if (colon == NULL || colon == text
      || !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, &port, NULL))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "\"%s\" is no place for the API; write 127.0.0.1:PORT", text);
      return false;
    }
  g_autofree char *host = g_strndup (text, (gsize)(colon - text));
  if (host[0] == '[' && g_str_has_suffix (host, "]"))
    *out_host = g_strndup (host + 1, strlen (host) - 2);
  else
    *out_host = g_steal_pointer (&host);
  *out_port = (uint16_t)port;
  return true;
}

static char *
render_metrics (gpointer user_data)
{
  SoukParts *self = user_data;
  return souk_metrics_to_text (souk_log_metrics (self->log));
}

/* The gateway reads the library's blocks. */
static GBytes *
gateway_get (const SoukCid *cid, void *user)
{
  SoukParts *self = user;
  return souk_library_block (self->library, cid);
}

static void *
gateway_want (const SoukCid *cid, SoukGatewayBlockFunc done, void *data, void *user)
{
  SoukParts *self = user;
  return souk_library_want_block (self->library, cid, done, data);
}

static void
gateway_cancel (void *want)
{
  souk_block_want_cancel (want);
}

static bool
start_api (SoukParts *self, const SoukNodeConfig *config, GError **error)
{
  g_autofree char *tokens_path = g_build_filename (self->data_dir, "tokens.json", NULL);
  g_autofree char *socket_path = g_build_filename (self->data_dir, "api.sock", NULL);
  g_autofree char *host = NULL;
  uint16_t port;

  if (!parse_api (config->api != NULL ? config->api : "127.0.0.1:0", &host, &port, error))
    return false;
  self->tokens = souk_tokens_open (tokens_path, error);
  if (self->tokens == NULL)
    return false;
  SoukHttpConfig http_config = {
    .host = host,
    .port = port,
    .socket_path = socket_path,
    .version = SOUK_VERSION,
    .dispatch = self->dispatch,
    .tokens = self->tokens,
    .log = self->log,
  };
  self->http = souk_http_new (&http_config, error);
  if (self->http == NULL)
    return false;
  souk_http_set_metrics (self->http, render_metrics, self);
  SoukGatewaySource blocks = { gateway_get, gateway_want, gateway_cancel, self };
  souk_http_set_gateway (self->http, &blocks);
  return true;
}

/* ---- all of it ---- */

bool
souk_parts_init (SoukParts *self, const SoukNodeConfig *config, GError **error)
{
  self->started_us = g_get_monotonic_time ();
  self->started = g_date_time_new_now_utc ();
  self->data_dir = g_canonicalize_filename (config->data_dir, NULL);

  if (sodium_init () < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "libsodium cannot be initialised");
      return false;
    }
  if (config->network != NULL)
    {
      self->network = souk_network_load (config->network, error);
      if (self->network == NULL)
        return false;
    }
  SoukStoreConfig store_config = { .data_dir = self->data_dir };
  if (!make_data_dir (self->data_dir, error) || !open_log (self, config, error))
    return false;
  store_config.log = self->log;
  self->store = souk_store_open (&store_config, error);
  if (self->store == NULL || !load_identity (self, error))
    return false;

  self->dispatch = souk_dispatch_new ();
  souk_node_bind_commands (self);
  if (!start_swarm (self, config, error) || !start_money (self, config, error))
    return false;
  start_market (self, config);
  souk_dispatch_check (self->dispatch);
  if (!start_api (self, config, error) || !start_discovery (self, config, error))
    return false;
  self->ready_ms = (g_get_monotonic_time () - self->started_us) / 1000;
  souk_log_record (self->log, SOUK_LOG_NOTICE, "node.ready", "The node is ready.",
                   souk_log_peer ("self", souk_swarm_self (self->swarm)),
                   souk_log_int ("ready_ms", self->ready_ms));
  return true;
}

void
souk_parts_done (SoukParts *self)
{
  g_clear_pointer (&self->http, souk_http_free);
  g_clear_pointer (&self->tokens, souk_tokens_free);
  g_clear_pointer (&self->mdns, souk_mdns_free);
  /* What was begun is finished on the disk; then nothing is begun any more. */
  if (self->store != NULL)
    souk_store_stop (self->store);
  g_clear_pointer (&self->jobs, souk_jobs_free);
  g_clear_pointer (&self->works, souk_works_free);
  g_clear_pointer (&self->orders, souk_orders_free);
  g_clear_pointer (&self->prompts, souk_prompts_free);
  g_clear_pointer (&self->library, souk_library_free);
  g_clear_pointer (&self->board, souk_board_free);
  g_clear_pointer (&self->finder, souk_finder_free);
  g_clear_pointer (&self->dht, souk_dht_free);
  g_clear_pointer (&self->exchange, souk_exchange_free);
  g_clear_pointer (&self->pubsub, souk_pubsub_free);
  g_clear_pointer (&self->money, souk_money_free);
  g_clear_pointer (&self->wallet, souk_wallet_free);
  g_clear_pointer (&self->swarm, souk_swarm_free);
  g_clear_pointer (&self->dispatch, souk_dispatch_free);
  g_clear_pointer (&self->store, souk_store_close);
  g_clear_pointer (&self->network, souk_network_free);
  souk_identity_done (&self->identity);
  g_clear_pointer (&self->log, souk_log_free);
  g_clear_pointer (&self->started, g_date_time_unref);
  g_clear_pointer (&self->data_dir, g_free);
}
