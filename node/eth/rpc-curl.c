/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libcurl on a GMainContext. GLIB. See rpc-curl.h.
 */
#include "eth/rpc-curl.h"

#include "eth/errors.h"

#include <curl/curl.h>
#include <glib-unix.h>

struct SoukCurl {
  unsigned ref_count;
  GMainContext *context;
  CURLM *multi;
  GSource *timer;
  GHashTable *sockets; /* fd -> GSource */
  unsigned deadline_ms;
  size_t answer_max;
  struct curl_slist *headers;
};

struct SoukCurlTransfer {
  SoukCurl *curl;
  CURL *easy;
  GByteArray *answer;
  bool is_too_large;
  SoukCurlCallback callback;
  gpointer user_data;
};

static void
source_free (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static void
transfer_free (SoukCurlTransfer *transfer)
{
  curl_multi_remove_handle (transfer->curl->multi, transfer->easy);
  curl_easy_cleanup (transfer->easy);
  g_byte_array_unref (transfer->answer);
  g_free (transfer);
}

static void
curl_unref (SoukCurl *self)
{
  if (--self->ref_count > 0)
    return;
  curl_multi_cleanup (self->multi);
  g_clear_pointer (&self->timer, source_free);
  g_hash_table_unref (self->sockets);
  curl_slist_free_all (self->headers);
  g_main_context_unref (self->context);
  g_free (self);
}

void
souk_curl_free (SoukCurl *self)
{
  if (self != NULL)
    curl_unref (self);
}

/* ---- ending transfers ---- */

static GError *
transfer_error (const SoukCurlTransfer *transfer, CURLcode code)
{
  long status = 0;

  if (transfer->is_too_large)
    return g_error_new (SOUK_ETH_ERROR, SOUK_ETH_ERROR_TOO_LARGE,
                        "The chain's node answers with too much");
  if (code == CURLE_OPERATION_TIMEDOUT)
    return g_error_new (SOUK_ETH_ERROR, SOUK_ETH_ERROR_UNREACHABLE,
                        "The chain's node did not answer in time");
  if (code != CURLE_OK)
    return g_error_new (SOUK_ETH_ERROR, SOUK_ETH_ERROR_UNREACHABLE,
                        "The chain's node cannot be reached: %s", curl_easy_strerror (code));
  curl_easy_getinfo (transfer->easy, CURLINFO_RESPONSE_CODE, &status);
  if (status == 200)
    return NULL;
  SoukEthError kind = status == 429   ? SOUK_ETH_ERROR_RATE_LIMITED
                      : status == 413 ? SOUK_ETH_ERROR_TOO_LARGE
                                      : SOUK_ETH_ERROR_UNREACHABLE;
  /* Some nodes answer an error of theirs with 4xx and a JSON-RPC body. */
  if (status >= 400 && status < 500 && kind == SOUK_ETH_ERROR_UNREACHABLE
      && transfer->answer->len > 0 && transfer->answer->data[0] == '{')
    return NULL;
  return g_error_new (SOUK_ETH_ERROR, (int)kind, "The chain's node answers with HTTP status %ld",
                      status);
}

/* Hands over what has ended; a callback may free `self`, which the caller has a reference of. */
static void
dispatch_done (SoukCurl *self)
{
  CURLMsg *message;
  int left = 0;

  while ((message = curl_multi_info_read (self->multi, &left)) != NULL)
    {
      SoukCurlTransfer *transfer = NULL;
      if (message->msg != CURLMSG_DONE)
        continue;
      CURLcode code = message->data.result;
      curl_easy_getinfo (message->easy_handle, CURLINFO_PRIVATE, &transfer);
      GError *error = transfer_error (transfer, code);
      g_autoptr (GByteArray) answer = g_byte_array_ref (transfer->answer);
      SoukCurlCallback callback = transfer->callback;
      gpointer user_data = transfer->user_data;
      transfer_free (transfer);
      callback (error == NULL ? souk_slice_from_array (answer) : SOUK_SLICE_EMPTY, error,
                user_data);
    }
}

static void
act (SoukCurl *self, curl_socket_t fd, int events)
{
  int running = 0;
  self->ref_count++;
  curl_multi_socket_action (self->multi, fd, events, &running);
  dispatch_done (self);
  curl_unref (self);
}

/* ---- libcurl's wishes as sources ---- */

static gboolean
on_fd (int fd, GIOCondition condition, gpointer user_data)
{
  int events = 0;
  if (condition & (G_IO_IN | G_IO_HUP))
    events |= CURL_CSELECT_IN;
  if (condition & G_IO_OUT)
    events |= CURL_CSELECT_OUT;
  if (condition & G_IO_ERR)
    events |= CURL_CSELECT_ERR;
  act (user_data, fd, events);
  return G_SOURCE_CONTINUE;
}

static int
on_socket_wish (CURL *easy, curl_socket_t fd, int what, void *user_data, void *socket_data)
{
  SoukCurl *self = user_data;
  GIOCondition condition = 0;

  g_hash_table_remove (self->sockets, GINT_TO_POINTER (fd));
  if (what == CURL_POLL_REMOVE)
    return 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
    condition |= G_IO_IN;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
    condition |= G_IO_OUT;
  GSource *source = g_unix_fd_source_new (fd, condition);
  g_source_set_callback (source, G_SOURCE_FUNC (on_fd), self, NULL);
  g_source_attach (source, self->context);
  g_hash_table_insert (self->sockets, GINT_TO_POINTER (fd), source);
  return 0;
}

static gboolean
on_timeout (gpointer user_data)
{
  SoukCurl *self = user_data;
  g_clear_pointer (&self->timer, source_free);
  act (self, CURL_SOCKET_TIMEOUT, 0);
  return G_SOURCE_REMOVE;
}

static int
on_timer_wish (CURLM *multi, long timeout_ms, void *user_data)
{
  SoukCurl *self = user_data;
  g_clear_pointer (&self->timer, source_free);
  if (timeout_ms < 0)
    return 0;
  self->timer = g_timeout_source_new ((guint)MIN (timeout_ms, 3600 * 1000));
  g_source_set_callback (self->timer, on_timeout, self, NULL);
  g_source_attach (self->timer, self->context);
  return 0;
}

SoukCurl *
souk_curl_new (GMainContext *context, unsigned connections_max, unsigned deadline_ms,
               size_t answer_max)
{
  SoukCurl *self = g_new0 (SoukCurl, 1);
  self->ref_count = 1;
  self->context = g_main_context_ref (context);
  self->deadline_ms = deadline_ms;
  self->answer_max = answer_max;
  self->sockets = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)source_free);
  self->headers = curl_slist_append (NULL, "Content-Type: application/json");
  /* Without it libcurl asks the other side whether a body over 1 KiB is welcome, and waits. */
  self->headers = curl_slist_append (self->headers, "Expect:");
  self->multi = curl_multi_init ();
  g_assert (self->multi != NULL && self->headers != NULL);
  curl_multi_setopt (self->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wish);
  curl_multi_setopt (self->multi, CURLMOPT_SOCKETDATA, self);
  curl_multi_setopt (self->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
  curl_multi_setopt (self->multi, CURLMOPT_TIMERDATA, self);
  curl_multi_setopt (self->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)connections_max);
  return self;
}

/* ---- one transfer ---- */

static size_t
on_answer (char *data, size_t size, size_t count, void *user_data)
{
  SoukCurlTransfer *transfer = user_data;
  size_t len = size * count;
  if (transfer->answer->len + len > transfer->curl->answer_max)
    {
      transfer->is_too_large = true;
      return 0;
    }
  g_byte_array_append (transfer->answer, (const guint8 *)data, (guint)len);
  return len;
}

/* A proxy of the environment is for the outside. */
static bool
url_is_loopback (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;
  return host != NULL
         && (g_str_equal (host, "localhost") || g_str_has_prefix (host, "127.")
             || g_str_equal (host, "::1"));
}

SoukCurlTransfer *
souk_curl_post (SoukCurl *self, const char *url, const char *body, SoukCurlCallback callback,
                gpointer user_data)
{
  SoukCurlTransfer *transfer = g_new0 (SoukCurlTransfer, 1);
  CURL *easy = curl_easy_init ();

  g_assert (easy != NULL);
  transfer->curl = self;
  transfer->easy = easy;
  transfer->answer = g_byte_array_new ();
  transfer->callback = callback;
  transfer->user_data = user_data;
  curl_easy_setopt (easy, CURLOPT_URL, url);
  curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (easy, CURLOPT_HTTPHEADER, self->headers);
  curl_easy_setopt (easy, CURLOPT_USERAGENT, "souk");
  curl_easy_setopt (easy, CURLOPT_TIMEOUT_MS, (long)self->deadline_ms);
  curl_easy_setopt (easy, CURLOPT_COPYPOSTFIELDS, body);
  curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, on_answer);
  curl_easy_setopt (easy, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt (easy, CURLOPT_PRIVATE, transfer);
  if (url_is_loopback (url))
    curl_easy_setopt (easy, CURLOPT_PROXY, "");
  curl_multi_add_handle (self->multi, easy);
  return transfer;
}

void
souk_curl_cancel (SoukCurl *self, SoukCurlTransfer *transfer)
{
  g_assert (transfer->curl == self);
  transfer_free (transfer);
}
