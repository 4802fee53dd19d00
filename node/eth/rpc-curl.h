/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HTTP POSTs by libcurl's multi interface, driven by a GMainContext. GLIB, that context's thread.
 *
 * libcurl says which sockets it waits for and until when; each becomes a GSource. Only http and https,
 * no redirects, no compression (a small answer must not unpack to a large one).
 */
#pragma once
#include "base/bytes.h"

typedef struct SoukCurl SoukCurl;
typedef struct SoukCurlTransfer SoukCurlTransfer;

/* Ends a transfer, once: the body (borrowed) with a status of 200, or an error, which is the callee's. */
typedef void (*SoukCurlCallback) (SoukSlice body, GError *error, gpointer user_data);

SoukCurl *souk_curl_new (GMainContext *context, unsigned connections_max, unsigned deadline_ms,
                         size_t answer_max);
/* Transfers must have ended or been cancelled. May be called from a callback of its own. */
void souk_curl_free (SoukCurl *self);

/* Returns: (transfer none): the transfer, until its callback or its cancellation. */
SoukCurlTransfer *souk_curl_post (SoukCurl *self, const char *url, const char *body,
                                  SoukCurlCallback callback, gpointer user_data);
void souk_curl_cancel (SoukCurl *self, SoukCurlTransfer *transfer);
