/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The event stream: GET /events as a WebSocket, one JSON object a message. GLIB, node thread.
 *
 * A browser's WebSocket cannot send an Authorization header, so a token may also come as the
 * sub-protocol "bearer.TOKEN" beside "souk.events". What a client sends is ignored.
 */
#pragma once
#include "api/call.h"
#include "log/log.h"

#include <libsoup/soup.h>

typedef struct SoukHttpEvents SoukHttpEvents;

SoukHttpEvents *souk_http_events_new (SoukDispatch *dispatch, SoukLog *log);
/* Closes every stream. */
void souk_http_events_free (SoukHttpEvents *self);
/* Serves /events on a server, whose early handler has checked the caller. `upgraded` is told of each
 * message that has become a stream and is a request no more. */
typedef void (*SoukHttpUpgraded) (SoupServer *server, SoupServerMessage *message, gpointer user);
void souk_http_events_attach (SoukHttpEvents *self, SoupServer *server, SoukHttpUpgraded upgraded,
                              gpointer user);
/* Returns: (transfer full) (nullable): the token among the sub-protocols that a request offers. */
char *souk_http_events_token (SoupServerMessage *message);
