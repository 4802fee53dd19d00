/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The HTTP view of the command table: REST and the event stream, on TCP and on a Unix socket.
 * GLIB, node thread.
 *
 * TCP listens on a loopback address and asks every request for a bearer token (but /health); the
 * Unix socket has mode 0600 and asks for none, since only the same user can open it. Limits:
 * bodies SOUK_HTTP_BODY_MAX (content SOUK_HTTP_CONTENT_MAX), a request's head and body each within
 * SOUK_HTTP_IDLE_MS, SOUK_HTTP_CLIENTS_MAX connections. What is over a limit is answered with a
 * problem document, or closed where HTTP has no answer left.
 */
#pragma once
#include "api/call.h"
#include "api/gateway.h"
#include "api/tokens.h"
#include "log/log.h"

#include <stdint.h>

#define SOUK_HTTP_BODY_MAX (6 * 1024 * 1024) /* a prompt of 4 MiB with JSON's escapes */
#define SOUK_HTTP_CONTENT_MAX (256 * 1024 * 1024)
#define SOUK_HTTP_IDLE_MS 30000
#define SOUK_HTTP_CLIENTS_MAX 256
/* Event streams at one time; one whose reader is stuck is closed when a ping goes unanswered. */
#define SOUK_HTTP_STREAMS_MAX 32

typedef struct SoukHttp SoukHttp;

typedef struct {
  const char *host;        /* 127.0.0.1, ::1 or localhost; anything else is refused */
  uint16_t port;           /* 0: any */
  const char *socket_path; /* a stale socket file there is replaced */
  const char *version;
  SoukDispatch *dispatch; /* outlives the server */
  SoukTokens *tokens;     /* outlives the server */
  SoukLog *log;           /* outlives the server */
} SoukHttpConfig;

/* Starts listening. Returns: (nullable): NULL when the address is no loopback one or is taken. */
SoukHttp *souk_http_new (const SoukHttpConfig *config, GError **error);
void souk_http_free (SoukHttp *self);
/* "http://127.0.0.1:PORT"; borrowed. */
const char *souk_http_url (const SoukHttp *self);
/* Replaces what GET /metrics answers: returns (transfer full) OpenMetrics text. */
void souk_http_set_metrics (SoukHttp *self, char *(*metrics) (gpointer user_data),
                            gpointer user_data);
/* Serves the gateway (gateway.h) from these blocks; without it /ipfs/ is no path. It copies the
 * source; what the source uses outlives the server. */
void souk_http_set_gateway (SoukHttp *self, const SoukGatewaySource *source);
