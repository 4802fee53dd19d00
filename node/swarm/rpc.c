/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One question, one answer. GLIB, node thread. See rpc.h.
 */
#include "swarm/rpc.h"

struct SoukRpcCall {
  SoukSwarm *swarm;
  GBytes *request; /* until it is sent */
  size_t reply_max;
  unsigned timeout_ms;
  SoukRpcFunc done; /* NULL once called or cancelled */
  void *user;
  SoukStream *stream; /* with a reference, once open */
};

typedef struct {
  size_t request_max;
  unsigned timeout_ms;
  SoukRpcHandler handler;
  void *user;
  GDestroyNotify destroy;
} Service;

struct SoukRpcRequest {
  int refs; /* the stream's, and the answerer's once it is asked */
  SoukSwarm *swarm;
  Service *service; /* a reference: the protocol may be unserved meanwhile */
  SoukStream *stream;
  bool is_asked; /* the question has come: the rest is the answerer's */
};

/* ---- asking ---- */

static void
call_free (gpointer data)
{
  SoukRpcCall *call = data;
  g_clear_pointer (&call->request, g_bytes_unref);
  g_clear_pointer (&call->stream, souk_stream_unref);
  g_free (call);
}

static void
call_done (SoukRpcCall *call, GBytes *reply, const GError *error)
{
  SoukRpcFunc done = g_steal_pointer (&call->done);
  if (done != NULL)
    done (call->swarm, reply, error, call->user);
}

static void
on_reply (SoukStream *stream, SoukSlice message, void *user)
{
  SoukRpcCall *call = user;
  g_autoptr (GBytes) reply = souk_slice_to_bytes (message);
  call_done (call, reply, NULL);
  /* One answer is all that was asked for. */
  souk_stream_reset (stream);
}

static void
on_reply_closed (SoukStream *stream, SoukStatus status, void *user)
{
  g_autoptr (GError) error
      = g_error_new_literal (SOUK_SWARM_ERROR, (int)status,
                             status == SOUK_STATUS_OK ? "The peer closed without an answer."
                                                      : souk_status_sentence (status));
  call_done (user, NULL, error);
}

static void
on_reply_end (SoukStream *stream, void *user)
{
  on_reply_closed (stream, SOUK_STATUS_OK, user);
  souk_stream_reset (stream);
}

static const SoukStreamHandlers call_handlers
    = { .on_message = on_reply, .on_end = on_reply_end, .on_closed = on_reply_closed };

static void
on_opened (SoukSwarm *swarm, SoukStream *stream, const GError *error, void *user)
{
  SoukRpcCall *call = user;
  if (stream == NULL || call->done == NULL)
    {
      if (call->done != NULL)
        call_done (call, NULL, error);
      call_free (call); /* a stream that is not started is reset */
      return;
    }
  call->stream = souk_stream_ref (stream);
  souk_stream_start (stream, &call_handlers, call->reply_max, call, call_free);
  souk_stream_set_timeout (stream, call->timeout_ms);
  souk_stream_set_queue_max (stream,
                             MAX (SOUK_STREAM_QUEUE_MAX, g_bytes_get_size (call->request) + 16));
  souk_stream_send (stream, souk_slice_from_bytes (call->request));
  souk_stream_close_write (stream);
  g_clear_pointer (&call->request, g_bytes_unref);
}

SoukRpcCall *
souk_rpc_call (SoukSwarm *swarm, const SoukPeerId *peer, const char *protocol, GBytes *request,
               size_t reply_max, unsigned timeout_ms, SoukRpcFunc done, void *user)
{
  SoukRpcCall *call = g_new0 (SoukRpcCall, 1);
  *call = (SoukRpcCall){ .swarm = swarm,
                         .request = g_bytes_ref (request),
                         .reply_max = reply_max,
                         .timeout_ms = timeout_ms,
                         .done = done,
                         .user = user };
  souk_swarm_open (swarm, peer, protocol, on_opened, call);
  return call;
}

void
souk_rpc_cancel (SoukRpcCall *call)
{
  call->done = NULL;
  /* Before it is open, on_opened frees it. */
  if (call->stream != NULL)
    souk_stream_reset (call->stream);
}

/* ---- answering ---- */

static void
service_free (gpointer data)
{
  Service *service = data;
  if (service->destroy != NULL)
    service->destroy (service->user);
}

static void
service_unref (gpointer data)
{
  g_rc_box_release_full (data, service_free);
}

static void
request_unref (gpointer data)
{
  SoukRpcRequest *request = data;
  if (--request->refs > 0)
    return;
  service_unref (request->service);
  souk_stream_unref (request->stream);
  g_free (request);
}

static void
on_question (SoukStream *stream, SoukSlice message, void *user)
{
  SoukRpcRequest *request = user;
  if (request->is_asked)
    {
      souk_stream_reset (stream);
      return;
    }
  request->is_asked = true;
  request->refs++;
  /* Nothing more is read: a second question would be a mistake. */
  souk_stream_pause (stream);
  souk_stream_set_timeout (stream, 0);
  request->service->handler (request->swarm, request, message, request->service->user);
}

static void
on_question_end (SoukStream *stream, void *user)
{
  SoukRpcRequest *request = user;
  if (!request->is_asked)
    souk_stream_reset (stream);
}

static const SoukStreamHandlers request_handlers
    = { .on_message = on_question, .on_end = on_question_end };

static void
on_asked (SoukSwarm *swarm, SoukStream *stream, void *user)
{
  SoukRpcRequest *request = g_new0 (SoukRpcRequest, 1);
  request->refs = 1;
  request->swarm = swarm;
  request->service = g_rc_box_acquire (user);
  request->stream = souk_stream_ref (stream);
  souk_stream_start (stream, &request_handlers, request->service->request_max, request,
                     request_unref);
  souk_stream_set_timeout (stream, request->service->timeout_ms);
}

void
souk_rpc_serve (SoukSwarm *swarm, const char *protocol, size_t request_max, unsigned timeout_ms,
                SoukRpcHandler handler, void *user, GDestroyNotify destroy)
{
  Service *service = g_rc_box_new0 (Service);
  *service = (Service){ request_max, timeout_ms, handler, user, destroy };
  souk_swarm_serve (swarm, protocol, on_asked, service, service_unref);
}

const SoukPeerId *
souk_rpc_request_peer (const SoukRpcRequest *request)
{
  return souk_stream_peer (request->stream);
}

void
souk_rpc_reply (SoukRpcRequest *request, SoukSlice message)
{
  souk_stream_set_queue_max (request->stream, MAX (SOUK_STREAM_QUEUE_MAX, message.len + 16));
  souk_stream_send (request->stream, message);
  souk_stream_close_write (request->stream);
  /* What is left of the stream is that the peer takes the answer and ends it. */
  souk_stream_set_timeout (request->stream, request->service->timeout_ms);
  souk_stream_resume (request->stream);
  request_unref (request);
}

void
souk_rpc_refuse (SoukRpcRequest *request)
{
  souk_stream_reset (request->stream);
  request_unref (request);
}
