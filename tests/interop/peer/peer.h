/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A peer that a test drives over its standard input and output, one JSON object a line: the test
 * tool's own header. Not installed.
 *
 *   in:   words (`dial /ip4/…`) or {"id":7,"cmd":"dial","args":["/ip4/…"]}
 *   out:  answers {"id":7,"cmd":"dial","ok":true,…} or {"ok":false,"error":"…"},
 *         events {"event":"message",…}; the first is {"event":"ready",…}
 *
 * A file of commands has a table of PeerRow that souk-peer.c lists; each row's function answers its
 * command exactly once, now or later.
 */
#pragma once
#include "swarm/dht.h"
#include "swarm/swarm.h"

#include <json-glib/json-glib.h>

typedef struct {
  GMainLoop *loop;
  SoukSwarm *swarm;
  SoukIdentity identity;
  SoukDht *dht; /* NULL unless asked for */
  bool is_quiet;
} Peer;

typedef struct {
  Peer *peer;
  JsonNode *id; /* NULL when none was given */
  char *name;
  char **args; /* NULL-terminated */
  int n_args;
} PeerCommand;

typedef struct {
  const char *name;
  int n_args_min;
  void (*run) (PeerCommand *command);
} PeerRow;

/* A table ends with a row whose name is NULL. */
extern const PeerRow peer_link_rows[];
extern const PeerRow peer_dht_rows[];

/* Starts what peer-link.c serves: echo and perf. */
void peer_link_start (Peer *peer);
/* Starts the hash table under a protocol id; `mode` is "server" or "client". */
void peer_dht_start (Peer *peer, const char *protocol, const char *mode);

/* Each frees the command. `detail` (transfer full) may be NULL. */
void peer_answer (PeerCommand *command, JsonObject *detail);
void peer_fail (PeerCommand *command, const char *error);
void peer_fail_error (PeerCommand *command, const GError *error);
/* Says that something has happened. `detail` (transfer full) may be NULL. */
void peer_event (Peer *peer, const char *name, JsonObject *detail);

/* The number in an argument, or `otherwise` when it is not there. */
gint64 peer_arg (const PeerCommand *command, int index, gint64 otherwise);
/* Reads an address or a peer id. Returns: false when it is neither. */
bool peer_target (const char *text, bool *out_is_addr, SoukMultiaddr *out_addr, SoukPeerId *out_id);
/* Gets a connection to the command's first argument, then calls `then`; answers the error itself. */
void peer_connect (PeerCommand *command, void (*then) (PeerCommand *command, const SoukPeerId *id));
