/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The node as the window and the headless program see it: the one header of node/ that app/ and
 * ui/model include, with the command table (api/command.h) that it speaks.
 *
 * A node runs on a thread of its own. Everything is asked for by a command and answered by a JSON
 * value; everything that happens is told as an event. Nothing of the node is read from outside.
 */
#pragma once
#include <json-glib/json-glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct SoukNode SoukNode;

typedef struct {
  const char *data_dir;         /* all that the node keeps; made with mode 0700 when missing */
  const char *const *listen;    /* multiaddrs; NULL-terminated; NULL: /ip4/0.0.0.0/tcp/0 */
  const char *const *bootstrap; /* multiaddrs with /p2p/…; NULL-terminated; may be NULL */
  const char *api;              /* "HOST:PORT" on loopback; NULL: 127.0.0.1:0, any free port */
  const char *network;          /* a name under data/networks, or a path of such a file;
                                 * NULL: no chain, so that only what is free is traded */
  const char *wallet_key_file;  /* a file with a secret key in hexadecimal; NULL: the data
                                 * directory's own wallet, made when there is none */
  bool is_mdns_enabled;         /* find and be found on the local network */
  bool is_provider;             /* share this computer from the start, as provider.set does */
  bool is_log_on_stderr;        /* log records also go to stderr, or the journal */
} SoukNodeConfig;

/* What the node listens on, once it does. */
typedef struct {
  const char *peer_id;
  const char *const *listen; /* multiaddrs with /p2p/…, NULL-terminated */
  const char *api;           /* "http://127.0.0.1:PORT" */
  const char *socket;        /* the Unix socket's path */
  const char *coin;          /* what the chain's coin is called, "ETH"; NULL without a chain */
  gint64 ready_ms;           /* from the call of souk_node_start() to here */
} SoukNodeReady;

/* An answer that is none: an RFC 9457 problem. Borrowed for the length of the callback. */
typedef struct {
  int status;         /* as HTTP's */
  const char *code;   /* stable, such as "no-such-listing" */
  const char *detail; /* a sentence that says what to do */
} SoukNodeProblem;

/* Exactly one of `reply` and `problem` is set; both are borrowed. */
typedef void (*SoukNodeReply) (JsonNode *reply, const SoukNodeProblem *problem, gpointer user_data);

/* A batch of events, oldest first: objects with at least "event" and "time". Borrowed. */
typedef void (*SoukNodeEvents) (JsonArray *events, gpointer user_data);

/* Starts a node and waits until its API is ready, which takes well under half a second: dialing
 * and the chain go on in the background.
 * Returns: (transfer full) (nullable): NULL when the data directory is in use or broken, when an
 * address cannot be listened on, or when a file that is named cannot be read. Any thread. */
SoukNode *souk_node_start (const SoukNodeConfig *config, GError **error);

/* Borrowed; constant while the node runs. */
const SoukNodeReady *souk_node_ready (const SoukNode *self);

/* Stops the node cleanly, waits for its thread, and frees it. Commands that wait are answered
 * with the problem "stopping" unless their context is gone. Not from the node's own callbacks. */
void souk_node_stop (SoukNode *self);

/* Runs a command as the person at this computer, with every scope. Any thread; `reply` comes
 * exactly once, on the thread-default context of the caller.
 * `args`: (transfer full) (nullable): a JSON object. */
void souk_node_submit (SoukNode *self, const char *command, JsonNode *args, SoukNodeReply reply,
                       gpointer user_data);

/* The same for a command whose table row takes bytes, such as content.add.
 * `body`: the content; a reference is kept until the answer. */
void souk_node_submit_bytes (SoukNode *self, const char *command, JsonNode *args, GBytes *body,
                             SoukNodeReply reply, gpointer user_data);

/* Tells of everything that happens from now on, in batches of what came within one frame (16 ms),
 * on the thread-default context of the caller.
 * Returns: an id for souk_node_unsubscribe(). */
guint souk_node_subscribe (SoukNode *self, SoukNodeEvents func, gpointer user_data);

/* No batch comes any more once this has returned; on the subscriber's thread. */
void souk_node_unsubscribe (SoukNode *self, guint id);

G_END_DECLS
