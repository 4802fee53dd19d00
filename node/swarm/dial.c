/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Connecting to an address or to a peer. GLIB, node thread.
 *
 * A dial has a list of addresses. It tries them one after the other without waiting for the last to
 * give up: the next starts after STAGGER_MS, or at once when one fails (RFC 8305 does so). The first
 * that is upgraded wins and the others are closed. Dials of one peer, or of one address, join.
 */
#include "swarm/session.h"

#include <gio/gio.h>

/* An address gets this long before the next one starts beside it. */
#define STAGGER_MS 250
/* Sessions of one dial at once. */
#define ATTEMPTS_MAX 3
/* Addresses of one dial, those that names resolve to included. */
#define ADDRS_MAX 32

typedef struct {
  SoukDialFunc done;
  void *user;
} Waiter;

struct SoukDial {
  int refs;
  SoukSwarm *swarm; /* NULL when it is over */
  bool has_peer;
  SoukPeerId peer;
  SoukMultiaddr addr;  /* as asked; len 0 when a peer was asked for */
  GArray *addrs;       /* of SoukMultiaddr, not tried yet */
  GPtrArray *sessions; /* being tried; borrowed */
  unsigned n_names;    /* being resolved */
  GCancellable *cancellable;
  GArray *waiters;
  GSource *stagger;
  GError *error; /* the last failure */
  bool is_started;
};

static void advance (SoukDial *self);

static SoukDial *
dial_ref (SoukDial *self)
{
  self->refs++;
  return self;
}

static void
dial_unref (SoukDial *self)
{
  if (--self->refs > 0)
    return;
  g_array_unref (self->addrs);
  g_ptr_array_unref (self->sessions);
  g_array_unref (self->waiters);
  g_object_unref (self->cancellable);
  g_clear_error (&self->error);
  g_free (self);
}

static void
stop_stagger (SoukDial *self)
{
  if (self->stagger == NULL)
    return;
  g_source_destroy (self->stagger);
  g_clear_pointer (&self->stagger, g_source_unref);
}

/* Tells the waiters and lets go. `peer` or `error` is NULL. */
static void
finish (SoukDial *self, const SoukPeerId *peer, const GError *error)
{
  SoukSwarm *swarm = g_steal_pointer (&self->swarm);
  if (swarm == NULL)
    return;
  stop_stagger (self);
  g_cancellable_cancel (self->cancellable);
  g_ptr_array_remove_fast (swarm->dials, self);
  while (self->sessions->len > 0)
    {
      SoukSession *other = g_ptr_array_steal_index_fast (self->sessions, 0);
      other->dial = NULL;
      souk_session_close (other, SOUK_STATUS_OK);
    }
  for (guint i = 0; i < self->waiters->len; i++)
    {
      Waiter waiter = g_array_index (self->waiters, Waiter, i);
      if (waiter.done != NULL)
        waiter.done (swarm, peer, error, waiter.user);
    }
  if (!swarm->is_freeing)
    souk_swarm_start_dials (swarm);
  dial_unref (self);
}

static void
set_error (SoukDial *self, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
}

/* ---- names ---- */

typedef struct {
  SoukDial *dial;
  SoukMultiaddr addr; /* the rest of the address comes from here */
} Lookup;

static void
add_addr (SoukDial *self, const SoukMultiaddr *addr)
{
  for (guint i = 0; i < self->addrs->len; i++)
    if (souk_multiaddr_is_equal (&g_array_index (self->addrs, SoukMultiaddr, i), addr))
      return;
  for (guint i = 0; i < self->sessions->len; i++)
    {
      const SoukSession *session = g_ptr_array_index (self->sessions, i);
      SoukMultiaddr bare = souk_multiaddr_without_peer_id (addr);
      if (souk_multiaddr_is_equal (&session->addr, &bare))
        return;
    }
  if (self->addrs->len < ADDRS_MAX)
    g_array_append_val (self->addrs, *addr);
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer data)
{
  Lookup *lookup = data;
  SoukDial *self = lookup->dial;
  g_autoptr (GError) error = NULL;
  GList *found = g_resolver_lookup_by_name_with_flags_finish (G_RESOLVER (source), result, &error);
  SoukMultiaddrPart parts[SOUK_MULTIADDR_PARTS_MAX];
  size_t n_parts = souk_multiaddr_parts (&lookup->addr, parts);
  self->n_names--;
  for (GList *at = found; at != NULL && n_parts >= 2; at = at->next)
    {
      GInetAddress *address = at->data;
      const uint8_t *port = parts[1].value.data;
      SoukMultiaddr tcp = souk_multiaddr_from_tcp (
          souk_slice (g_inet_address_to_bytes (address), g_inet_address_get_native_size (address)),
          (uint16_t)(port[0] << 8 | port[1]));
      add_addr (self, &tcp);
    }
  g_list_free_full (found, g_object_unref);
  if (self->swarm != NULL)
    {
      if (error != NULL)
        set_error (self, g_steal_pointer (&error));
      advance (self);
    }
  dial_unref (self);
  g_free (lookup);
}

/* /dns|dns4|dns6/NAME/tcp/PORT. Returns: whether it is one. */
static bool
resolve (SoukDial *self, const SoukMultiaddr *addr)
{
  SoukMultiaddrPart parts[SOUK_MULTIADDR_PARTS_MAX];
  size_t n_parts = souk_multiaddr_parts (addr, parts);
  if (n_parts < 2 || parts[1].code != SOUK_PROTO_TCP
      || (n_parts > 2 && parts[2].code != SOUK_PROTO_P2P))
    return false;
  GResolverNameLookupFlags flags
      = parts[0].code == SOUK_PROTO_DNS4   ? G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY
        : parts[0].code == SOUK_PROTO_DNS6 ? G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY
                                           : G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT;
  if (parts[0].code != SOUK_PROTO_DNS && parts[0].code != SOUK_PROTO_DNS4
      && parts[0].code != SOUK_PROTO_DNS6)
    return false;
  g_autofree char *name = g_strndup ((const char *)parts[0].value.data, parts[0].value.len);
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  Lookup *lookup = g_new0 (Lookup, 1);
  lookup->dial = dial_ref (self);
  lookup->addr = *addr;
  self->n_names++;
  g_resolver_lookup_by_name_with_flags_async (resolver, name, flags, self->cancellable, on_resolved,
                                              lookup);
  return true;
}

/* ---- trying ---- */

/* Returns: whether a session was started or a name is being resolved. */
static bool
try_addr (SoukDial *self, const SoukMultiaddr *addr)
{
  SoukSlice ip;
  uint16_t port = 0;
  GError *error = NULL;
  if (!souk_multiaddr_is_tcp (addr, &ip, &port))
    {
      if (resolve (self, addr))
        return true;
      g_autofree char *text = souk_multiaddr_to_string (addr);
      set_error (self, g_error_new (SOUK_SWARM_ERROR, SOUK_STATUS_UNSUPPORTED,
                                    "Cannot dial %s: only addresses of TCP are supported", text));
      return false;
    }
  int fd = souk_socket_connect (ip, port, &error);
  if (fd < 0)
    {
      set_error (self, error);
      return false;
    }
  g_ptr_array_add (
      self->sessions,
      souk_session_connect (self->swarm, fd, addr, self->has_peer ? &self->peer : NULL, self));
  return true;
}

static gboolean
on_stagger (gpointer data)
{
  SoukDial *self = data;
  stop_stagger (self);
  advance (self);
  return G_SOURCE_REMOVE;
}

/* Starts the next address; ends the dial when there is nothing left to wait for. */
static void
advance (SoukDial *self)
{
  stop_stagger (self);
  while (self->addrs->len > 0 && self->sessions->len < ATTEMPTS_MAX)
    {
      SoukMultiaddr addr = g_array_index (self->addrs, SoukMultiaddr, 0);
      g_array_remove_index (self->addrs, 0);
      if (!try_addr (self, &addr))
        continue;
      if (self->addrs->len > 0)
        {
          self->stagger = g_timeout_source_new (STAGGER_MS);
          g_source_set_callback (self->stagger, on_stagger, self, NULL);
          g_source_attach (self->stagger, self->swarm->context);
        }
      return;
    }
  if (self->sessions->len > 0 || self->n_names > 0)
    return;
  g_autoptr (GError) error = g_steal_pointer (&self->error);
  if (error == NULL)
    error = g_error_new (SOUK_SWARM_ERROR, SOUK_SWARM_ERROR_SYSTEM,
                         "No address of the peer can be dialled now");
  finish (self, NULL, error);
}

void
souk_dial_succeeded (SoukDial *self, SoukSession *session)
{
  g_ptr_array_remove_fast (self->sessions, session);
  SoukPeerId peer = session->peer;
  finish (self, &peer, NULL);
}

void
souk_dial_failed (SoukDial *self, SoukSession *session, const GError *error)
{
  g_ptr_array_remove_fast (self->sessions, session);
  if (self->swarm == NULL)
    return;
  SoukPeer *peer = self->has_peer ? souk_swarm_find_peer (self->swarm, &self->peer) : NULL;
  if (peer != NULL)
    souk_peer_addr_result (peer, &session->addr, false, souk_mono_now ());
  g_autofree char *text = souk_multiaddr_to_string (&session->addr);
  set_error (self, g_error_copy (error));
  g_prefix_error (&self->error, "%s: ", text);
  advance (self);
}

/* ---- the list of dials ---- */

static unsigned
count_started (SoukSwarm *self)
{
  unsigned n = 0;
  for (guint i = 0; i < self->dials->len; i++)
    n += ((SoukDial *)g_ptr_array_index (self->dials, i))->is_started;
  return n;
}

static void
start_later (void *data)
{
  SoukDial *self = data;
  if (self->swarm != NULL)
    {
      /* The other side may have been quicker. */
      if (self->has_peer && souk_swarm_is_connected (self->swarm, &self->peer))
        finish (self, &self->peer, NULL);
      else
        advance (self);
    }
  dial_unref (self);
}

void
souk_swarm_start_dials (SoukSwarm *self)
{
  unsigned n = count_started (self);
  for (guint i = 0; i < self->dials->len && n < self->limits.dials_max; i++)
    {
      SoukDial *dial = g_ptr_array_index (self->dials, i);
      if (dial->is_started)
        continue;
      if (self->sessions->len >= self->limits.connections_max)
        break;
      dial->is_started = true;
      n++;
      souk_swarm_later (self, start_later, dial_ref (dial));
    }
}

static SoukDial *
find_dial (SoukSwarm *self, const SoukPeerId *peer, const SoukMultiaddr *addr)
{
  for (guint i = 0; i < self->dials->len; i++)
    {
      SoukDial *dial = g_ptr_array_index (self->dials, i);
      if (peer != NULL ? dial->has_peer && souk_peer_id_is_equal (&dial->peer, peer)
                       : !dial->has_peer && souk_multiaddr_is_equal (&dial->addr, addr))
        return dial;
    }
  return NULL;
}

/* An answer that is known at once still comes from the main loop. */
typedef struct {
  SoukSwarm *swarm;
  Waiter waiter;
  bool has_peer;
  SoukPeerId peer;
  GError *error;
} Answer;

static void
give_answer (void *data)
{
  Answer *answer = data;
  if (answer->waiter.done != NULL)
    answer->waiter.done (answer->swarm, answer->has_peer ? &answer->peer : NULL, answer->error,
                         answer->waiter.user);
  g_clear_error (&answer->error);
  g_free (answer);
}

static void
answer_later (SoukSwarm *self, Waiter waiter, const SoukPeerId *peer, GError *error)
{
  Answer *answer = g_new0 (Answer, 1);
  *answer = (Answer){ .swarm = self, .waiter = waiter, .has_peer = peer != NULL, .error = error };
  if (peer != NULL)
    answer->peer = *peer;
  souk_swarm_later (self, give_answer, answer);
}

static SoukDial *
dial_new (SoukSwarm *swarm, const SoukPeerId *peer, const SoukMultiaddr *addr)
{
  SoukDial *self = g_new0 (SoukDial, 1);
  self->refs = 1;
  self->swarm = swarm;
  self->has_peer = peer != NULL;
  if (peer != NULL)
    self->peer = *peer;
  if (addr != NULL)
    self->addr = *addr;
  self->addrs = g_array_new (FALSE, FALSE, sizeof (SoukMultiaddr));
  self->sessions = g_ptr_array_new ();
  self->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  self->cancellable = g_cancellable_new ();
  g_ptr_array_add (swarm->dials, self);
  return self;
}

/* The peer's addresses, newest first, without those that have failed lately. */
static void
add_known_addrs (SoukDial *self, const SoukPeer *peer)
{
  SoukMono now = souk_mono_now ();
  for (guint i = 0; i < peer->addrs->len; i++)
    {
      const SoukPeerAddr *entry = &g_array_index (peer->addrs, SoukPeerAddr, i);
      if (souk_mono_is_due (entry->retry_at, now))
        add_addr (self, &entry->addr);
    }
}

/* Why a dial is not even begun; OK when it is. */
static SoukStatus
refusal_of (SoukSwarm *swarm, const SoukPeerId *peer, const SoukPeer *known)
{
  if (swarm->is_freeing)
    return SOUK_STATUS_CLOSED;
  if (peer != NULL && souk_peer_id_is_equal (peer, &swarm->shared.self))
    return SOUK_STATUS_SELF_DIAL;
  bool is_banned = known != NULL && souk_peer_is_banned (known, souk_mono_now ());
  if (is_banned || swarm->dials->len >= SOUK_SWARM_DIAL_QUEUE_MAX)
    return SOUK_STATUS_LIMIT;
  return SOUK_STATUS_OK;
}

static void
dial (SoukSwarm *swarm, const SoukPeerId *peer, const SoukMultiaddr *addr, Waiter waiter)
{
  SoukPeer *known = peer != NULL ? souk_swarm_find_peer (swarm, peer) : NULL;
  if (peer != NULL && souk_swarm_is_connected (swarm, peer))
    {
      answer_later (swarm, waiter, peer, NULL);
      return;
    }
  SoukStatus refusal = refusal_of (swarm, peer, known);
  if (refusal != SOUK_STATUS_OK)
    {
      answer_later (swarm, waiter, NULL, souk_swarm_error (refusal));
      return;
    }
  SoukDial *self = find_dial (swarm, peer, addr);
  bool is_new = self == NULL;
  if (is_new)
    self = dial_new (swarm, peer, addr);
  if (addr != NULL)
    add_addr (self, addr);
  else if (known != NULL && is_new)
    add_known_addrs (self, known);
  g_array_append_val (self->waiters, waiter);
  souk_swarm_start_dials (swarm);
}

void
souk_swarm_dial (SoukSwarm *self, const SoukMultiaddr *addr, SoukDialFunc done, void *user)
{
  SoukPeerId peer;
  bool has_peer = souk_multiaddr_peer_id (addr, &peer);
  dial (self, has_peer ? &peer : NULL, addr, (Waiter){ done, user });
}

void
souk_swarm_dial_peer (SoukSwarm *self, const SoukPeerId *peer, SoukDialFunc done, void *user)
{
  dial (self, peer, NULL, (Waiter){ done, user });
}

void
souk_swarm_cancel_dials (SoukSwarm *self)
{
  g_autoptr (GError) error = souk_swarm_error (SOUK_STATUS_CLOSED);
  while (self->dials->len > 0)
    finish (g_ptr_array_index (self->dials, 0), NULL, error);
}
