/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The test peer: its command line, its lines of JSON. See peer.h.
 */
#include "peer.h"

#include "base/keccak.h"
#include "swarm/mdns.h"
#include "swarm/system-rng.h"

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

static const PeerRow *const tables[] = { peer_link_rows, peer_dht_rows };

/* ---- lines out ---- */

static void
say (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  g_autofree char *text = json_to_string (node, FALSE);
  puts (text);
  fflush (stdout);
}

static void
command_free (PeerCommand *command)
{
  g_clear_pointer (&command->id, json_node_unref);
  g_free (command->name);
  g_strfreev (command->args);
  g_free (command);
}

static void
answer (PeerCommand *command, JsonObject *object, gboolean ok)
{
  if (command->id != NULL)
    json_object_set_member (object, "id", json_node_copy (command->id));
  json_object_set_string_member (object, "cmd", command->name);
  json_object_set_boolean_member (object, "ok", ok);
  say (object);
  command_free (command);
}

void
peer_answer (PeerCommand *command, JsonObject *detail)
{
  answer (command, detail != NULL ? detail : json_object_new (), TRUE);
}

void
peer_fail (PeerCommand *command, const char *error)
{
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "error", error);
  answer (command, object, FALSE);
}

void
peer_fail_error (PeerCommand *command, const GError *error)
{
  peer_fail (command, error->message);
}

void
peer_event (Peer *peer, const char *name, JsonObject *detail)
{
  JsonObject *object = detail != NULL ? detail : json_object_new ();
  json_object_set_string_member (object, "event", name);
  json_object_set_int_member (object, "t", g_get_real_time () / 1000);
  if (!peer->is_quiet || g_str_equal (name, "ready"))
    say (object);
  else
    json_object_unref (object);
}

gint64
peer_arg (const PeerCommand *command, int index, gint64 otherwise)
{
  return index < command->n_args ? g_ascii_strtoll (command->args[index], NULL, 10) : otherwise;
}

/* ---- lines in ---- */

static void
run (PeerCommand *command)
{
  for (size_t t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const PeerRow *row = tables[t]; row->name != NULL; row++)
      if (g_str_equal (row->name, command->name))
        {
          if (command->n_args < row->n_args_min)
            peer_fail (command, "too few arguments");
          else
            row->run (command);
          return;
        }
  peer_fail (command, "unknown command");
}

static char **
array_of_texts (JsonArray *array)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (json_node_get_value_type (node) == G_TYPE_STRING)
        g_strv_builder_add (builder, json_node_get_string (node));
      else
        g_strv_builder_take (builder, json_to_string (node, FALSE));
    }
  return g_strv_builder_end (builder);
}

static PeerCommand *
parse (Peer *peer, const char *line)
{
  PeerCommand *command = g_new0 (PeerCommand, 1);
  command->peer = peer;
  if (line[0] != '{')
    {
      g_auto (GStrv) words = g_strsplit (line, " ", -1);
      command->name = g_strdup (words[0]);
      command->args = g_strdupv (words + 1);
    }
  else
    {
      g_autoptr (JsonNode) root = json_from_string (line, NULL);
      JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;
      JsonNode *args = object != NULL ? json_object_get_member (object, "args") : NULL;
      if (object != NULL && json_object_has_member (object, "id"))
        command->id = json_node_copy (json_object_get_member (object, "id"));
      command->name = g_strdup (
          object != NULL ? json_object_get_string_member_with_default (object, "cmd", "") : "");
      command->args = array_of_texts (args != NULL ? json_node_get_array (args) : NULL);
    }
  command->n_args = (int)g_strv_length (command->args);
  return command;
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  Peer *peer = data;
  g_autofree char *line
      = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  if (line == NULL || g_str_equal (g_strstrip (line), "exit"))
    {
      g_main_loop_quit (peer->loop);
      return;
    }
  if (line[0] != '\0')
    {
      PeerCommand *command = parse (peer, line);
      if (g_str_equal (command->name, "exit"))
        {
          command_free (command);
          g_main_loop_quit (peer->loop);
          return;
        }
      run (command);
    }
  g_data_input_stream_read_line_async (G_DATA_INPUT_STREAM (source), 0, NULL, on_line, peer);
}

/* ---- who is meant ---- */

bool
peer_target (const char *text, bool *out_is_addr, SoukMultiaddr *out_addr, SoukPeerId *out_id)
{
  *out_is_addr = text[0] == '/';
  return *out_is_addr ? souk_multiaddr_parse (text, out_addr) == SOUK_STATUS_OK
                      : souk_peer_id_parse (text, out_id) == SOUK_STATUS_OK;
}

typedef struct {
  PeerCommand *command;
  void (*then) (PeerCommand *command, const SoukPeerId *id);
} Connect;

static void
on_dialled (SoukSwarm *swarm, const SoukPeerId *id, const GError *error, void *user)
{
  g_autofree Connect *connect = user;
  if (id == NULL)
    peer_fail_error (connect->command, error);
  else
    connect->then (connect->command, id);
}

void
peer_connect (PeerCommand *command, void (*then) (PeerCommand *command, const SoukPeerId *id))
{
  bool is_addr;
  SoukMultiaddr addr;
  SoukPeerId id;
  if (!peer_target (command->args[0], &is_addr, &addr, &id))
    {
      peer_fail (command, "neither an address nor a peer id");
      return;
    }
  Connect *connect = g_new0 (Connect, 1);
  *connect = (Connect){ command, then };
  if (is_addr)
    souk_swarm_dial (command->peer->swarm, &addr, on_dialled, connect);
  else
    souk_swarm_dial_peer (command->peer->swarm, &id, on_dialled, connect);
}

/* ---- events of the swarm ---- */

static JsonObject *
peer_object (const SoukPeerId *id)
{
  JsonObject *object = json_object_new ();
  g_autofree char *text = souk_peer_id_to_string (id);
  json_object_set_string_member (object, "peer", text);
  return object;
}

static void
on_connected (SoukSwarm *swarm, const SoukPeerId *id, void *user)
{
  peer_event (user, "peer:connect", peer_object (id));
}

static void
on_disconnected (SoukSwarm *swarm, const SoukPeerId *id, void *user)
{
  peer_event (user, "peer:disconnect", peer_object (id));
}

static void
on_discovered (SoukSwarm *swarm, const SoukPeerId *id, void *user)
{
  JsonObject *object = peer_object (id);
  JsonArray *addrs = json_array_new ();
  g_autoptr (SoukPeerInfo) info = souk_swarm_peer_info (swarm, id);
  for (guint i = 0; info != NULL && i < info->addrs->len; i++)
    {
      g_autofree char *text
          = souk_multiaddr_to_string (&g_array_index (info->addrs, SoukMultiaddr, i));
      json_array_add_string_element (addrs, text);
    }
  json_object_set_array_member (object, "addrs", addrs);
  peer_event (user, "peer:discovery", object);
}

static void
on_identified (SoukSwarm *swarm, const SoukPeerId *id, const SoukIdentifyInfo *info, void *user)
{
  JsonObject *object = peer_object (id);
  JsonArray *protocols = json_array_new (), *addrs = json_array_new ();
  json_object_set_string_member (object, "agentVersion", info->agent);
  json_object_set_string_member (object, "protocolVersion", info->protocol_version);
  for (char **name = info->protocols; *name != NULL; name++)
    json_array_add_string_element (protocols, *name);
  json_object_set_array_member (object, "protocols", protocols);
  for (size_t i = 0; i < info->n_addrs; i++)
    {
      g_autofree char *text = souk_multiaddr_to_string (&info->addrs[i]);
      json_array_add_string_element (addrs, text);
    }
  json_object_set_array_member (object, "listenAddrs", addrs);
  if (info->has_observed)
    {
      g_autofree char *text = souk_multiaddr_to_string (&info->observed);
      json_object_set_string_member (object, "observedAddr", text);
    }
  json_object_set_boolean_member (object, "hasEnvelope", info->record != NULL);
  peer_event (user, "peer:identify", object);
}

static const SoukSwarmWatch watch = { .on_connected = on_connected,
                                      .on_disconnected = on_disconnected,
                                      .on_discovered = on_discovered,
                                      .on_identified = on_identified };

static void
on_log (void *user, const char *name, SoukStatus status, const SoukPeerId *id, const char *detail)
{
  JsonObject *object = id != NULL ? peer_object (id) : json_object_new ();
  json_object_set_string_member (object, "name", name);
  json_object_set_string_member (object, "status", souk_status_name (status));
  if (detail != NULL)
    json_object_set_string_member (object, "detail", detail);
  peer_event (user, "log", object);
}

/* ---- main ---- */

static char **listen_addrs;
static char *seed_text, *dht_protocol, *dht_mode;
static gboolean quiet, mdns;
static char **ignored;

/* What peers of other programs take and this one does not is accepted and ignored. */
static const GOptionEntry entries[] = {
  { "listen", 0, 0, G_OPTION_ARG_STRING_ARRAY, &listen_addrs, "address, or 'none'", "ADDR" },
  { "seed", 0, 0, G_OPTION_ARG_STRING, &seed_text, "identity: seed = sha256(TEXT)", "TEXT" },
  { "dht-protocol", 0, 0, G_OPTION_ARG_STRING, &dht_protocol, "take part in a hash table", "ID" },
  { "dht-mode", 0, 0, G_OPTION_ARG_STRING, &dht_mode, "server (default) or client", "MODE" },
  { "quiet", 0, 0, G_OPTION_ARG_NONE, &quiet, "print answers only", NULL },
  { "mdns", 0, 0, G_OPTION_ARG_NONE, &mdns, "announce and discover", NULL },
  { "allow", 0, 0, G_OPTION_ARG_STRING_ARRAY, &ignored, "ignored", "PREFIX" },
  { "with", 0, 0, G_OPTION_ARG_STRING_ARRAY, &ignored, "ignored", "LIST" },
  { "without", 0, 0, G_OPTION_ARG_STRING_ARRAY, &ignored, "ignored", "LIST" },
  { "services", 0, 0, G_OPTION_ARG_STRING_ARRAY, &ignored, "ignored", "LIST" },
  { "options", 0, 0, G_OPTION_ARG_STRING_ARRAY, &ignored, "ignored", "JSON" },
  { NULL },
};

static void
make_identity (SoukIdentity *identity)
{
  uint8_t seed[32];
  if (seed_text != NULL)
    souk_sha256 (seed, souk_slice_from_text (seed_text));
  else
    souk_rng_fill (souk_system_rng (), seed, sizeof seed);
  souk_identity_init_seed (identity, seed);
}

static void
listen_on (SoukSwarm *swarm)
{
  static char *loopback[] = { (char *)"/ip4/127.0.0.1/tcp/0", NULL };
  char **addrs = listen_addrs != NULL ? listen_addrs : loopback;
  for (; *addrs != NULL; addrs++)
    {
      g_autoptr (GError) error = NULL;
      SoukMultiaddr addr;
      if (g_str_equal (*addrs, "none"))
        continue;
      if (souk_multiaddr_parse (*addrs, &addr) != SOUK_STATUS_OK
          || !souk_swarm_listen (swarm, &addr, &error))
        g_error ("cannot listen on %s: %s", *addrs, error != NULL ? error->message : "bad address");
    }
}

static void
say_ready (Peer *peer)
{
  PeerCommand *command = parse (peer, "id");
  JsonObject *ready = json_object_new ();
  SoukPeerId self = *souk_swarm_self (peer->swarm);
  g_autofree char *id = souk_peer_id_to_string (&self);
  JsonArray *addrs = json_array_new (), *protocols = json_array_new ();
  g_autoptr (GArray) list = souk_swarm_listen_addrs (peer->swarm);
  g_auto (GStrv) names = souk_swarm_protocols (peer->swarm);
  for (guint i = 0; i < list->len; i++)
    {
      SoukMultiaddr addr;
      souk_multiaddr_with_peer_id (&g_array_index (list, SoukMultiaddr, i), &self, &addr);
      g_autofree char *text = souk_multiaddr_to_string (&addr);
      json_array_add_string_element (addrs, text);
    }
  for (char **name = names; *name != NULL; name++)
    json_array_add_string_element (protocols, *name);
  json_object_set_string_member (ready, "peer", id);
  json_object_set_int_member (ready, "pid", getpid ());
  json_object_set_array_member (ready, "addrs", addrs);
  json_object_set_array_member (ready, "protocols", protocols);
  peer_event (peer, "ready", ready);
  command_free (command);
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  Peer peer = { 0 };
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  if (sodium_init () < 0)
    g_error ("libsodium does not start");

  make_identity (&peer.identity);
  peer.is_quiet = quiet;
  peer.loop = g_main_loop_new (NULL, FALSE);
  SoukSwarmConfig config = { .identity = &peer.identity,
                             .rng = souk_system_rng (),
                             .agent = "souk-peer/0.1.0",
                             .limits = SOUK_SWARM_LIMITS_DEFAULT,
                             .events = { on_log, &peer },
                             .announces_private = true };
  peer.swarm = souk_swarm_new (&config);
  souk_swarm_watch (peer.swarm, &watch, &peer);
  peer_link_start (&peer);
  listen_on (peer.swarm);
  if (dht_protocol != NULL)
    peer_dht_start (&peer, dht_protocol, dht_mode);
  g_autoptr (SoukMdns) discovery = mdns ? souk_mdns_new (peer.swarm, NULL, &error) : NULL;
  if (error != NULL)
    g_error ("%s", error->message);
  say_ready (&peer);

  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input);
  g_data_input_stream_read_line_async (lines, 0, NULL, on_line, &peer);
  g_unix_signal_add (SIGTERM, on_signal, peer.loop);
  g_unix_signal_add (SIGINT, on_signal, peer.loop);
  g_main_loop_run (peer.loop);
  g_clear_pointer (&discovery, souk_mdns_free);
  souk_dht_free (peer.dht);
  souk_swarm_free (peer.swarm);
  souk_identity_done (&peer.identity);
  g_main_loop_unref (peer.loop);
  return 0;
}
