/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON-RPC over libcurl. GLIB. See rpc.h; the sockets' side is in rpc-curl.c.
 *
 * A call's life: WAITING -> (CHECKING the endpoint's chain id ->) ASKING -> done, or again from CHECKING
 * with the next endpoint. `tried` has a bit for each endpoint, so a call ends.
 */
#include "eth/rpc.h"

#include "eth/rpc-curl.h"

#include <string.h>

typedef struct {
  char *url;
  bool is_checked; /* serves our chain, as far as it has said since it last failed */
  unsigned failures;
  gint64 rests_until_us;
} Endpoint;

typedef struct {
  SoukEthRpc *rpc;
  guint64 ticket;
  char *method;
  char *params;
  SoukEthRpcCallback callback;
  gpointer user_data;
  GDestroyNotify destroy;
  unsigned endpoint;
  unsigned tried; /* bits */
  bool is_checking;
  SoukCurlTransfer *transfer; /* while one is under way */
  GSource *starter;           /* before the first attempt */
  GError *last_error;
} Call;

struct SoukEthRpc {
  unsigned ref_count; /* one of the owner, one while a callback runs */
  bool is_closed;
  GMainContext *context;
  SoukCurl *curl;
  GArray *endpoints;
  unsigned preferred;
  guint64 chain_id;
  guint64 last_ticket;
  GHashTable *calls; /* ticket -> Call */
};

static void attempt (Call *call);

/* ---- life ---- */

static void
endpoint_clear (gpointer data)
{
  g_free (((Endpoint *)data)->url);
}

static void
call_free (Call *call)
{
  if (call->starter != NULL)
    {
      g_source_destroy (call->starter);
      g_source_unref (call->starter);
    }
  if (call->transfer != NULL)
    souk_curl_cancel (call->rpc->curl, call->transfer);
  if (call->destroy != NULL)
    call->destroy (call->user_data);
  g_clear_error (&call->last_error);
  g_free (call->method);
  g_free (call->params);
  g_free (call);
}

static bool
url_is_http (const char *url)
{
  return g_uri_is_valid (url, G_URI_FLAGS_NONE, NULL)
         && (g_str_has_prefix (url, "http://") || g_str_has_prefix (url, "https://"));
}

static bool
check_urls (const SoukEthRpcConfig *config, GError **error)
{
  guint count = config->urls != NULL ? g_strv_length ((char **)config->urls) : 0;

  if (count == 0 || count > SOUK_ETH_RPC_URLS_MAX)
    {
      g_set_error (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_UNREACHABLE,
                   "A network needs 1 to %d addresses of chain nodes", SOUK_ETH_RPC_URLS_MAX);
      return false;
    }
  for (guint i = 0; i < count; i++)
    if (!url_is_http (config->urls[i]))
      {
        g_set_error (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_UNREACHABLE,
                     "The address of chain node %u is not an http or https URL", i + 1);
        return false;
      }
  return true;
}

SoukEthRpc *
souk_eth_rpc_new (const SoukEthRpcConfig *config, GError **error)
{
  if (!check_urls (config, error))
    return NULL;
  SoukEthRpc *self = g_new0 (SoukEthRpc, 1);
  self->ref_count = 1;
  self->context = g_main_context_ref_thread_default ();
  self->chain_id = config->chain_id;
  self->curl
      = souk_curl_new (self->context, SOUK_ETH_RPC_CONNECTIONS_MAX,
                       config->deadline_ms > 0 ? config->deadline_ms : SOUK_ETH_RPC_DEADLINE_MS,
                       config->answer_max > 0 ? config->answer_max : SOUK_ETH_RPC_ANSWER_MAX);
  self->endpoints = g_array_new (FALSE, FALSE, sizeof (Endpoint));
  g_array_set_clear_func (self->endpoints, endpoint_clear);
  for (guint i = 0; config->urls[i] != NULL; i++)
    {
      Endpoint endpoint = { .url = g_strdup (config->urls[i]) };
      g_array_append_val (self->endpoints, endpoint);
    }
  self->calls
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify)call_free);
  return self;
}

static void
rpc_unref (SoukEthRpc *self)
{
  if (--self->ref_count > 0)
    return;
  g_hash_table_unref (self->calls);
  souk_curl_free (self->curl);
  g_array_unref (self->endpoints);
  g_main_context_unref (self->context);
  g_free (self);
}

void
souk_eth_rpc_free (SoukEthRpc *self)
{
  if (self == NULL)
    return;
  self->is_closed = true;
  g_hash_table_remove_all (self->calls);
  rpc_unref (self);
}

guint64
souk_eth_rpc_chain_id (const SoukEthRpc *self)
{
  return self->chain_id;
}

char *
souk_eth_rpc_endpoint (const SoukEthRpc *self)
{
  g_autoptr (GUri) uri = g_uri_parse (
      g_array_index (self->endpoints, Endpoint, self->preferred).url, G_URI_FLAGS_NONE, NULL);
  return uri != NULL ? g_strdup_printf ("%s://%s", g_uri_get_scheme (uri), g_uri_get_host (uri))
                     : g_strdup ("");
}

/* ---- ending a call ---- */

/* Calls back once and forgets the call; the client may be freed meanwhile. */
static void
finish (Call *call, JsonNode *result, const GError *error)
{
  SoukEthRpc *self = call->rpc;
  self->ref_count++;
  g_hash_table_steal (self->calls, &call->ticket);
  call->callback (result, error, call->user_data);
  call_free (call);
  rpc_unref (self);
}

static void
endpoint_failed (SoukEthRpc *self, Endpoint *endpoint)
{
  gint64 rest_ms = SOUK_ETH_RPC_REST_MS << MIN (endpoint->failures, 6u);
  endpoint->failures++;
  endpoint->is_checked = false;
  endpoint->rests_until_us
      = g_get_monotonic_time () + MIN (rest_ms, SOUK_ETH_RPC_REST_MS_MAX) * 1000;
}

/* Takes `error`. */
static void
try_next (Call *call, GError *error)
{
  endpoint_failed (call->rpc, &g_array_index (call->rpc->endpoints, Endpoint, call->endpoint));
  g_clear_error (&call->last_error);
  call->last_error = error;
  attempt (call);
}

/* ---- reading an answer ---- */

static GError *
protocol_error (const char *text)
{
  return g_error_new (SOUK_ETH_ERROR, SOUK_ETH_ERROR_PROTOCOL, "The chain's node answers %s", text);
}

/* The result of an answer to our `ticket`, borrowed from `parser`. */
static JsonNode *
read_answer (JsonParser *parser, SoukSlice body, guint64 ticket, GError **error)
{
  JsonNode *root = NULL;

  if (json_parser_load_from_data (parser, (const char *)body.data, (gssize)body.len, NULL))
    root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_propagate_error (error, protocol_error ("something that is not JSON-RPC"));
      return NULL;
    }
  JsonObject *object = json_node_get_object (root);
  JsonNode *failure = json_object_get_member (object, "error");
  if (failure != NULL && JSON_NODE_HOLDS_OBJECT (failure))
    {
      g_propagate_error (error, souk_eth_error_from_json (json_node_get_object (failure)));
      return NULL;
    }
  if (json_object_get_int_member_with_default (object, "id", -1) != (gint64)ticket
      || !json_object_has_member (object, "result"))
    {
      g_propagate_error (error, protocol_error ("another question"));
      return NULL;
    }
  return json_object_get_member (object, "result");
}

/* The chain id in `result` is ours? Sets `error` when it is not. */
static bool
check_chain (Call *call, JsonNode *result, GError **error)
{
  SoukU256 id;
  if (!JSON_NODE_HOLDS_VALUE (result) || json_node_get_value_type (result) != G_TYPE_STRING
      || souk_u256_parse_hex (json_node_get_string (result), &id) != SOUK_STATUS_OK)
    {
      g_propagate_error (error, protocol_error ("without a chain id"));
      return false;
    }
  if (souk_u256_compare (id, souk_u256_from_u64 (call->rpc->chain_id)) != 0)
    {
      g_set_error (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_WRONG_CHAIN,
                   "The node serves chain %s and not %" G_GUINT64_FORMAT,
                   json_node_get_string (result), call->rpc->chain_id);
      return false;
    }
  return true;
}

/* An attempt's end: a body, or why there is none. Takes `error`. */
static void
on_transfer (SoukSlice body, GError *error, gpointer user_data)
{
  Call *call = user_data;
  SoukEthRpc *self = call->rpc;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *result = NULL;

  call->transfer = NULL;
  if (error == NULL)
    result = read_answer (parser, body, call->ticket, &error);
  if (result != NULL && call->is_checking && !check_chain (call, result, &error))
    result = NULL;
  if (error != NULL && (call->is_checking || souk_eth_error_is_endpoints_fault (error)))
    {
      try_next (call, error);
      return;
    }
  Endpoint *endpoint = &g_array_index (self->endpoints, Endpoint, call->endpoint);
  endpoint->failures = 0;
  self->preferred = call->endpoint;
  if (call->is_checking)
    {
      endpoint->is_checked = true;
      call->tried &= ~(1u << call->endpoint);
      attempt (call);
      return;
    }
  finish (call, result, error);
  g_clear_error (&error);
}

/* ---- an attempt ---- */

/* The next endpoint to try: from the preferred one on, those that rest last. False when none is left. */
static bool
choose_endpoint (Call *call)
{
  SoukEthRpc *self = call->rpc;
  gint64 now = g_get_monotonic_time ();
  bool is_found = false;

  for (unsigned i = 0; i < self->endpoints->len; i++)
    {
      unsigned at = (self->preferred + i) % self->endpoints->len;
      const Endpoint *endpoint = &g_array_index (self->endpoints, Endpoint, at);
      if (call->tried & 1u << at)
        continue;
      if (!is_found || endpoint->rests_until_us <= now)
        {
          call->endpoint = at;
          is_found = true;
          if (endpoint->rests_until_us <= now)
            return true;
        }
    }
  return is_found;
}

static void
attempt (Call *call)
{
  if (!choose_endpoint (call))
    {
      g_autoptr (GError) error = g_steal_pointer (&call->last_error);
      finish (call, NULL, error);
      return;
    }
  Endpoint *endpoint = &g_array_index (call->rpc->endpoints, Endpoint, call->endpoint);
  call->tried |= 1u << call->endpoint;
  call->is_checking = !endpoint->is_checked;
  g_autofree char *body = g_strdup_printf (
      "{\"jsonrpc\":\"2.0\",\"id\":%" G_GUINT64_FORMAT ",\"method\":\"%s\",\"params\":%s}",
      call->ticket, call->is_checking ? "eth_chainId" : call->method,
      call->is_checking ? "[]" : call->params);
  call->transfer = souk_curl_post (call->rpc->curl, endpoint->url, body, on_transfer, call);
}

static gboolean
start (gpointer user_data)
{
  Call *call = user_data;
  g_clear_pointer (&call->starter, g_source_unref);
  if (g_hash_table_size (call->rpc->calls) > SOUK_ETH_RPC_CALLS_MAX)
    {
      g_autoptr (GError) error
          = g_error_new (SOUK_ETH_ERROR, SOUK_ETH_ERROR_LIMIT, "Too many calls to the chain wait");
      finish (call, NULL, error);
    }
  else
    attempt (call);
  return G_SOURCE_REMOVE;
}

guint64
souk_eth_rpc_call (SoukEthRpc *self, const char *method, const char *params,
                   SoukEthRpcCallback callback, gpointer user_data, GDestroyNotify destroy)
{
  Call *call = g_new0 (Call, 1);

  g_assert (!self->is_closed);
  call->rpc = self;
  call->ticket = ++self->last_ticket;
  call->method = g_strdup (method);
  call->params = g_strdup (params);
  call->callback = callback;
  call->user_data = user_data;
  call->destroy = destroy;
  g_hash_table_insert (self->calls, &call->ticket, call);
  /* From the loop, so that no callback comes from within this function. */
  call->starter = g_idle_source_new ();
  g_source_set_priority (call->starter, G_PRIORITY_DEFAULT);
  g_source_set_callback (call->starter, start, call, NULL);
  g_source_attach (call->starter, self->context);
  return call->ticket;
}

void
souk_eth_rpc_cancel (SoukEthRpc *self, guint64 ticket)
{
  g_hash_table_remove (self->calls, &ticket);
}
