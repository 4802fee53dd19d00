/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * REST over libsoup. See http.h. The event stream is in http-events.c.
 */
#include "api/http.h"

#include "api/guard.h"
#include "api/http-events.h"
#include "api/openapi.h"
#include "api/request.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

struct SoukHttp {
  SoukDispatch *dispatch;
  SoukTokens *tokens;
  SoukLog *log;
  SoukHttpEvents *events;
  SoupServer *tcp;
  SoupServer *local;
  char *url;
  char *socket_path;
  char *version;
  uint16_t port;
  GHashTable *requests; /* SoupServerMessage * -> Request *, owned: those under way */
  char *(*metrics) (gpointer user_data);
  gpointer metrics_data;
  SoukGatewaySource gateway; /* without functions: none */
  unsigned gateway_jobs;
};

/* One request from its first byte to its last. */
typedef struct {
  SoukHttp *http;
  SoupServerMessage *message; /* a reference */
  bool is_local;
  unsigned scopes;
  gsize body_size;
  gsize body_max;
  GSource *timeout;
  gint64 started_us;
  bool is_waiting;             /* for a handler's answer */
  bool is_gone;                /* the client left while it waited */
  SoukGatewayJob *gateway_job; /* nullable */
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;
  if (request->timeout != NULL)
    {
      g_source_destroy (request->timeout);
      g_source_unref (request->timeout);
    }
  if (request->gateway_job != NULL)
    {
      souk_gateway_job_free (request->gateway_job);
      request->http->gateway_jobs--;
    }
  g_object_unref (request->message);
  g_free (request);
}

/* ---- answers ---- */

static void
set_common_headers (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace (headers, "Content-Security-Policy",
                                "default-src 'none'; frame-ancestors 'none'");
  soup_message_headers_replace (headers, "Referrer-Policy", "no-referrer");
}

static void
answer_text (SoupServerMessage *message, int status, const char *type, const char *text)
{
  set_common_headers (message);
  soup_server_message_set_status (message, (guint)status, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, text, strlen (text));
}

static void
answer_problem (Request *request, const SoukProblem *problem)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "type", "about:blank");
  json_object_set_string_member (object, "title", problem->code);
  json_object_set_int_member (object, "status", problem->status);
  json_object_set_string_member (object, "detail", problem->detail);
  json_node_take_object (node, object);
  g_autofree char *text = json_to_string (node, FALSE);

  if (problem->status == 401)
    soup_message_headers_replace (soup_server_message_get_response_headers (request->message),
                                  "WWW-Authenticate", "Bearer");
  answer_text (request->message, problem->status, "application/problem+json", text);
}

static void
answer_new_problem (Request *request, int status, const char *code, const char *detail)
{
  g_autoptr (SoukProblem) problem = souk_problem_new (status, code, "%s", detail);
  answer_problem (request, problem);
}

/* ---- before the body is read ---- */

static const char *
header (Request *request, const char *name)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (request->message),
                                       name);
}

/* Sets the scopes of a request over TCP; answers and returns false when it may not come in. */
static bool
authenticate (Request *request)
{
  SoukHttp *self = request->http;
  const char *token = souk_guard_bearer (header (request, "Authorization"));
  g_autofree char *protocol_token = souk_http_events_token (request->message);

  if (token == NULL)
    token = protocol_token;
  if (token == NULL)
    {
      answer_new_problem (request, 401, "no-token",
                          "Send \"Authorization: Bearer TOKEN\"; `souk token create` makes one.");
      return false;
    }
  switch (souk_tokens_check (self->tokens, token, g_get_monotonic_time (), &request->scopes))
    {
    case SOUK_TOKEN_OK:
      request->scopes &= ~(unsigned)SOUK_SCOPE_LOCAL_ONLY;
      return true;
    case SOUK_TOKEN_UNKNOWN:
      souk_log_record (self->log, SOUK_LOG_WARNING, "api.bad-token",
                       "A program sent a token that is not known.");
      answer_new_problem (request, 401, "bad-token",
                          "This token is not known; `souk token create` makes one.");
      return false;
    case SOUK_TOKEN_LOCKED_OUT:
      answer_new_problem (request, 429, "locked-out",
                          "Too many wrong tokens; wait a minute and try again.");
      return false;
    }
  return false;
}

/* The checks of guard.h. Answers and returns false when the request may not come in. */
static bool
pass_guards (Request *request, const char *path)
{
  SoukHttp *self = request->http;
  request->scopes = SOUK_SCOPE_ALL;
  if (request->is_local)
    return true;

  request->scopes = 0;
  if (!souk_guard_host_is_loopback (header (request, "Host"), self->port))
    {
      answer_new_problem (request, 403, "host",
                          "The Host header must be localhost, 127.0.0.1 or [::1] with the port.");
      return false;
    }
  if (!souk_guard_origin_is_own (header (request, "Origin"), self->port))
    {
      answer_new_problem (request, 403, "origin", "Pages of other origins may not use this API.");
      return false;
    }
  return strcmp (path, "/health") == 0 || authenticate (request);
}

/* libsoup would read the whole body before it sends an answer, so a body that is too large is
 * answered by hand and the connection ends with it. */
static void
refuse_body (Request *request)
{
  static const char answer[] = "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n"
                               "Content-Type: application/problem+json\r\n\r\n"
                               "{\"type\":\"about:blank\",\"title\":\"too-large\",\"status\":413,"
                               "\"detail\":\"The body is larger than this API takes.\"}";
  GSocket *socket = soup_server_message_get_socket (request->message);
  soup_server_message_set_status (request->message, 413, NULL);
  if (socket == NULL)
    return;
  g_socket_send (socket, answer, sizeof answer - 1, NULL, NULL);
  g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

/* Sets how large the body may be, and answers what has the wrong type or is too large by its
 * own word. */
static bool
check_body_headers (Request *request, const SoukCommand *command)
{
  bool is_bytes = command != NULL && command->body == SOUK_BODY_BYTES;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);
  goffset length = soup_message_headers_get_content_length (headers);
  const char *method = soup_server_message_get_method (request->message);

  request->body_max = is_bytes ? SOUK_HTTP_CONTENT_MAX : SOUK_HTTP_BODY_MAX;
  if (length > (goffset)request->body_max)
    {
      refuse_body (request);
      return false;
    }
  if (strcmp (method, "POST") != 0 && strcmp (method, "PUT") != 0 && strcmp (method, "PATCH") != 0)
    return true;
  const char *wanted = is_bytes ? "application/octet-stream" : "application/json";
  if (!souk_guard_content_type_is (header (request, "Content-Type"), wanted))
    {
      g_autoptr (SoukProblem) problem
          = souk_problem_new (415, "content-type", "Send \"Content-Type: %s\".", wanted);
      answer_problem (request, problem);
      return false;
    }
  return true;
}

static const SoukCommand *
command_of (SoupServerMessage *message, JsonObject **out_args, bool *out_other_method)
{
  return souk_request_match (soup_server_message_get_method (message),
                             g_uri_get_path (soup_server_message_get_uri (message)), out_args,
                             out_other_method);
}

/* Counts what comes beyond Content-Length's word (chunked bodies have none). */
static void
on_got_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  Request *request = user_data;
  request->body_size += g_bytes_get_size (chunk);
  if (request->body_size > request->body_max)
    refuse_body (request);
}

static void
on_early (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
          gpointer user_data)
{
  SoukHttp *self = user_data;
  Request *request = g_hash_table_lookup (self->requests, message);
  g_autoptr (JsonObject) args = NULL;
  bool other_method;

  if (request == NULL)
    {
      answer_text (message, 503, "text/plain", "Too many connections; try again soon.\n");
      return;
    }
  if (pass_guards (request, path))
    check_body_headers (request, command_of (message, &args, &other_method));
}

/* ---- the command ---- */

/* The answer of the dispatch; the client may have left while it was made. */
static void
on_done (JsonNode *reply, GBytes *bytes, const SoukProblem *problem, gpointer user_data)
{
  Request *request = user_data;
  request->is_waiting = false;
  if (request->is_gone)
    {
      request_free (request);
      return;
    }
  if (problem != NULL)
    answer_problem (request, problem);
  else if (bytes != NULL)
    {
      set_common_headers (request->message);
      soup_server_message_set_status (request->message, 200, NULL);
      SoupMessageBody *body = soup_server_message_get_response_body (request->message);
      soup_message_headers_replace (soup_server_message_get_response_headers (request->message),
                                    "Content-Type", "application/octet-stream");
      soup_message_body_append_bytes (body, bytes);
      soup_message_body_complete (body);
    }
  else
    {
      g_autofree char *text = json_to_string (reply, FALSE);
      answer_text (request->message, 200, "application/json", text);
    }
  soup_server_message_unpause (request->message);
}

static void
run_command (Request *request, const SoukCommand *command, JsonObject *args)
{
  SoupServerMessage *message = request->message;
  const char *query = g_uri_get_query (soup_server_message_get_uri (message));
  g_autoptr (GBytes) body
      = soup_message_body_flatten (soup_server_message_get_request_body (message));
  g_autoptr (SoukProblem) problem = souk_request_add_query (command, query, args);

  if (problem == NULL && command->body == SOUK_BODY_JSON)
    problem = souk_request_add_body (command, body, args);
  if (problem != NULL)
    {
      answer_problem (request, problem);
      return;
    }
  if (request->timeout != NULL)
    g_source_set_ready_time (request->timeout, -1);
  soup_server_message_pause (message);
  request->is_waiting = true;
  souk_dispatch_call (request->http->dispatch, command->name, args,
                      command->body == SOUK_BODY_BYTES ? body : NULL, request->scopes, on_done,
                      request);
}

/* What is no row of the table. True when it answered. */
static bool
run_fixed (Request *request, const char *path)
{
  SoukHttp *self = request->http;
  if (strcmp (soup_server_message_get_method (request->message), "GET") != 0)
    return false;
  if (strcmp (path, "/health") == 0)
    {
      answer_text (request->message, 200, "application/json", "{\"status\":\"ok\"}");
      return true;
    }
  if ((request->scopes & SOUK_SCOPE_READ) == 0)
    return false;
  if (strcmp (path, "/openapi.json") == 0)
    {
      g_autoptr (JsonNode) document = souk_openapi_document (self->version);
      g_autofree char *text = json_to_string (document, TRUE);
      answer_text (request->message, 200, "application/json", text);
      return true;
    }
  if (strcmp (path, "/metrics") == 0 && self->metrics != NULL)
    {
      g_autofree char *text = self->metrics (self->metrics_data);
      answer_text (request->message, 200,
                   "application/openmetrics-text; version=1.0.0; charset=utf-8", text);
      return true;
    }
  return false;
}

static void
on_gateway_failed (const SoukProblem *problem, void *user)
{
  answer_problem (user, problem);
}

/* Content by its CID. True when it answered, or will. */
static bool
run_gateway (Request *request, const char *path)
{
  SoukHttp *self = request->http;
  const char *method = soup_server_message_get_method (request->message);

  if (self->gateway.get == NULL || !souk_gateway_has_path (path))
    return false;
  if (strcmp (method, "GET") != 0 && strcmp (method, "HEAD") != 0)
    answer_new_problem (request, 405, "method", "Content can be read only: use GET or HEAD.");
  else if ((request->scopes & SOUK_SCOPE_READ) == 0)
    answer_new_problem (request, 403, "scope", "This token may not read.");
  else if (self->gateway_jobs >= SOUK_GATEWAY_JOBS_MAX)
    answer_new_problem (request, 429, "busy", "Too much content is being read; try again soon.");
  else
    {
      /* The request is here as a whole; the gateway has a clock of its own. */
      if (request->timeout != NULL)
        g_source_set_ready_time (request->timeout, -1);
      self->gateway_jobs++;
      request->gateway_job
          = souk_gateway_job_new (&self->gateway, request->message, on_gateway_failed, request);
    }
  return true;
}

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer user_data)
{
  SoukHttp *self = user_data;
  Request *request = g_hash_table_lookup (self->requests, message);
  g_autoptr (JsonObject) args = NULL;
  bool other_method;

  if (request == NULL || run_fixed (request, path) || run_gateway (request, path))
    return;
  const SoukCommand *command = command_of (message, &args, &other_method);
  if (command != NULL)
    run_command (request, command, args);
  else if (other_method)
    answer_new_problem (request, 405, "method", "This path has no such method; see /openapi.json.");
  else
    answer_new_problem (request, 404, "no-such-path", "There is no such path; see /openapi.json.");
}

/* ---- a request's life ---- */

static gboolean
on_timeout (gpointer user_data)
{
  Request *request = user_data;
  GSocket *socket = soup_server_message_get_socket (request->message);
  g_source_set_ready_time (request->timeout, -1);
  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_timeout (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs timeout_funcs = { .dispatch = dispatch_timeout };

static void
on_request_started (SoupServer *server, SoupServerMessage *message, gpointer user_data)
{
  SoukHttp *self = user_data;
  if (g_hash_table_size (self->requests) >= SOUK_HTTP_CLIENTS_MAX)
    return;
  Request *request = g_new0 (Request, 1);
  request->http = self;
  request->message = g_object_ref (message);
  request->is_local = server == self->local;
  request->body_max = SOUK_HTTP_BODY_MAX;
  request->started_us = g_get_monotonic_time ();
  request->timeout = g_source_new (&timeout_funcs, sizeof (GSource));
  g_source_set_callback (request->timeout, on_timeout, request, NULL);
  g_source_set_ready_time (request->timeout, request->started_us + SOUK_HTTP_IDLE_MS * 1000);
  g_source_attach (request->timeout, g_main_context_get_thread_default ());
  g_hash_table_insert (self->requests, message, request);
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_got_chunk), request);
}

static void
log_request (Request *request)
{
  SoupServerMessage *message = request->message;
  guint status = soup_server_message_get_status (message);
  if (soup_server_message_get_method (message) == NULL)
    return; /* a connection that ended between requests */
  souk_log_record (request->http->log, status >= 500 ? SOUK_LOG_WARNING : SOUK_LOG_INFO,
                   "api.request", "A request was answered.",
                   souk_log_string ("method", soup_server_message_get_method (message)),
                   souk_log_string ("path", g_uri_get_path (soup_server_message_get_uri (message))),
                   souk_log_int ("status", status),
                   souk_log_int ("took_us", g_get_monotonic_time () - request->started_us));
}

/* Finished or aborted: a request whose handler has not answered yet stays until it has. */
static void
on_request_ended (SoupServer *server, SoupServerMessage *message, gpointer user_data)
{
  SoukHttp *self = user_data;
  gpointer stolen = NULL;
  if (!g_hash_table_steal_extended (self->requests, message, NULL, &stolen))
    return;
  Request *request = stolen;
  g_signal_handlers_disconnect_by_data (message, request);
  if (soup_server_message_get_uri (message) != NULL)
    log_request (request);
  if (request->is_waiting)
    request->is_gone = true;
  else
    request_free (request);
}

/* ---- listening ---- */

static SoupServer *
server_new (SoukHttp *self)
{
  SoupServer *server = soup_server_new ("server-header", "souk", NULL);
  g_signal_connect (server, "request-started", G_CALLBACK (on_request_started), self);
  g_signal_connect (server, "request-finished", G_CALLBACK (on_request_ended), self);
  g_signal_connect (server, "request-aborted", G_CALLBACK (on_request_ended), self);
  soup_server_add_early_handler (server, NULL, on_early, self, NULL);
  soup_server_add_handler (server, NULL, on_request, self, NULL);
  soup_server_add_early_handler (server, "/events", on_early, self, NULL);
  souk_http_events_attach (self->events, server, on_request_ended, self);
  return server;
}

static bool
listen_tcp (SoukHttp *self, const char *host, uint16_t port, GError **error)
{
  const char *numeric = g_strcmp0 (host, "localhost") == 0 ? "127.0.0.1" : host;
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (numeric);
  if (address == NULL || !g_inet_address_get_is_loopback (address))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "The API listens on this computer only: use 127.0.0.1 or ::1, not %s", host);
      return false;
    }
  g_autoptr (GSocketAddress) socket_address = g_inet_socket_address_new (address, port);
  self->tcp = server_new (self);
  if (!soup_server_listen (self->tcp, socket_address, 0, error))
    {
      g_prefix_error (error, "The API cannot listen on %s port %u: ", numeric, port);
      return false;
    }
  g_autoslist (GUri) uris = soup_server_get_uris (self->tcp);
  self->port = (uint16_t)g_uri_get_port (uris->data);
  self->url = g_strdup_printf (strchr (numeric, ':') != NULL ? "http://[%s]:%u" : "http://%s:%u",
                               numeric, self->port);
  return true;
}

static bool
listen_local (SoukHttp *self, const char *path, GError **error)
{
  g_autoptr (GSocket) socket
      = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  if (socket == NULL)
    return false;
  /* The data directory is locked by now, so a socket that is there belongs to nobody. */
  g_unlink (path);
  self->socket_path = g_strdup (path);
  self->local = server_new (self);
  if (!g_socket_bind (socket, address, TRUE, error) || g_chmod (path, 0600) != 0
      || !g_socket_listen (socket, error)
      || !soup_server_listen_socket (self->local, socket, 0, error))
    {
      if (error != NULL && *error == NULL)
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "chmod failed");
      g_prefix_error (error, "The API cannot listen on %s: ", path);
      return false;
    }
  return true;
}

SoukHttp *
souk_http_new (const SoukHttpConfig *config, GError **error)
{
  SoukHttp *self = g_new0 (SoukHttp, 1);
  self->dispatch = config->dispatch;
  self->tokens = config->tokens;
  self->log = config->log;
  self->version = g_strdup (config->version);
  self->requests = g_hash_table_new_full (NULL, NULL, NULL, request_free);
  self->events = souk_http_events_new (config->dispatch, config->log);
  if (!listen_tcp (self, config->host, config->port, error)
      || !listen_local (self, config->socket_path, error))
    g_clear_pointer (&self, souk_http_free);
  return self;
}

void
souk_http_free (SoukHttp *self)
{
  if (self == NULL)
    return;
  souk_http_events_free (self->events);
  for (int i = 0; i < 2; i++)
    {
      SoupServer *server = i == 0 ? self->tcp : self->local;
      if (server == NULL)
        continue;
      soup_server_disconnect (server);
      g_signal_handlers_disconnect_by_data (server, self);
      g_object_unref (server);
    }
  g_hash_table_unref (self->requests);
  if (self->socket_path != NULL)
    g_unlink (self->socket_path);
  g_free (self->socket_path);
  g_free (self->url);
  g_free (self->version);
  g_free (self);
}

const char *
souk_http_url (const SoukHttp *self)
{
  return self->url;
}

void
souk_http_set_metrics (SoukHttp *self, char *(*metrics) (gpointer user_data), gpointer user_data)
{
  self->metrics = metrics;
  self->metrics_data = user_data;
}

void
souk_http_set_gateway (SoukHttp *self, const SoukGatewaySource *source)
{
  self->gateway = *source;
}
