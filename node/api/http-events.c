/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The event stream over WebSocket. See http-events.h.
 */
#include "api/http-events.h"

#include "api/http.h"

#include <string.h>

#define PROTOCOL "souk.events"
#define TOKEN_PREFIX "bearer."
/* Pings find the readers that are gone or stuck, whose unread events would pile up here. */
#define KEEPALIVE_S 20
#define PONG_S 20
/* Clients have nothing to say. */
#define INCOMING_MAX 1024

struct SoukHttpEvents {
  SoukDispatch *dispatch;
  SoukLog *log;
  SoukHttpUpgraded upgraded;
  gpointer upgraded_user;
  guint subscription;
  GPtrArray *streams; /* of SoupWebsocketConnection, owned */
};

char *
souk_http_events_token (SoupServerMessage *message)
{
  const char *offered = soup_message_headers_get_list (
      soup_server_message_get_request_headers (message), "Sec-WebSocket-Protocol");
  if (offered == NULL)
    return NULL;
  g_auto (GStrv) names = g_strsplit (offered, ",", -1);
  for (char **name = names; *name != NULL; name++)
    if (g_str_has_prefix (g_strstrip (*name), TOKEN_PREFIX))
      return g_strdup (*name + strlen (TOKEN_PREFIX));
  return NULL;
}

static void
on_event (JsonObject *event, gpointer user_data)
{
  SoukHttpEvents *self = user_data;
  if (self->streams->len == 0)
    return;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, event);
  g_autofree char *text = json_to_string (node, FALSE);
  for (guint i = 0; i < self->streams->len; i++)
    {
      SoupWebsocketConnection *stream = self->streams->pdata[i];
      if (soup_websocket_connection_get_state (stream) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_send_text (stream, text);
    }
}

static void
on_closed (SoupWebsocketConnection *stream, gpointer user_data)
{
  SoukHttpEvents *self = user_data;
  g_signal_handlers_disconnect_by_data (stream, self);
  g_ptr_array_remove_fast (self->streams, stream);
}

static void
on_opened (SoupServer *server, SoupServerMessage *message, const char *path,
           SoupWebsocketConnection *stream, gpointer user_data)
{
  SoukHttpEvents *self = user_data;
  self->upgraded (server, message, self->upgraded_user);
  if (self->streams->len >= SOUK_HTTP_STREAMS_MAX)
    {
      soup_websocket_connection_close (stream, SOUP_WEBSOCKET_CLOSE_SERVER_ERROR,
                                       "too many event streams");
      return;
    }
  soup_websocket_connection_set_max_incoming_payload_size (stream, INCOMING_MAX);
  soup_websocket_connection_set_keepalive_interval (stream, KEEPALIVE_S);
  soup_websocket_connection_set_keepalive_pong_timeout (stream, PONG_S);
  g_ptr_array_add (self->streams, g_object_ref (stream));
  g_signal_connect (stream, "closed", G_CALLBACK (on_closed), self);
}

SoukHttpEvents *
souk_http_events_new (SoukDispatch *dispatch, SoukLog *log)
{
  SoukHttpEvents *self = g_new0 (SoukHttpEvents, 1);
  self->dispatch = dispatch;
  self->log = log;
  self->streams = g_ptr_array_new_with_free_func (g_object_unref);
  self->subscription = souk_dispatch_subscribe (dispatch, on_event, self);
  return self;
}

void
souk_http_events_free (SoukHttpEvents *self)
{
  if (self == NULL)
    return;
  souk_dispatch_unsubscribe (self->dispatch, self->subscription);
  for (guint i = 0; i < self->streams->len; i++)
    {
      SoupWebsocketConnection *stream = self->streams->pdata[i];
      g_signal_handlers_disconnect_by_data (stream, self);
      if (soup_websocket_connection_get_state (stream) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_close (stream, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, "stopping");
    }
  g_ptr_array_unref (self->streams);
  g_free (self);
}

void
souk_http_events_attach (SoukHttpEvents *self, SoupServer *server, SoukHttpUpgraded upgraded,
                         gpointer user)
{
  static const char *const protocols[] = { PROTOCOL, NULL };
  self->upgraded = upgraded;
  self->upgraded_user = user;
  soup_server_add_websocket_handler (server, "/events", NULL, (char **)protocols, on_opened, self,
                                     NULL);
}
