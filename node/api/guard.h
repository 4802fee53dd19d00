/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who may speak to the API over TCP: checks on a request's headers, without a server. GLIB.
 *
 * A web page that a person visits can send requests to any port of their computer. Three things
 * stop it: the Host header must be a loopback name (DNS rebinding), an Origin must be the API's
 * own, and a change needs a content type that no HTML form can send.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* True for localhost, 127.0.0.1 and [::1] with this port, or without one where it is 80. */
bool souk_guard_host_is_loopback (const char *host, uint16_t port);

/* True when there is no Origin, or it is http:// and a loopback host with this port. */
bool souk_guard_origin_is_own (const char *origin, uint16_t port);

/* True when `content_type` (parameters are ignored) is the one that the body must have. */
bool souk_guard_content_type_is (const char *content_type, const char *wanted);

/* Returns: (nullable): the token in "Bearer …", borrowed from `authorization`. */
const char *souk_guard_bearer (const char *authorization);
