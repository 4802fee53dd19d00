/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Identify message, and the signed peer record in it (libp2p specs, identify; RFC 0002 signed
 * envelopes; RFC 0003 routing records). PURE.
 */
#pragma once
#include "base/multiaddr.h"
#include "base/time.h"
#include "link/identify-limits.h"

/* What a peer says about itself. Free with souk_identify_info_free. */
typedef struct {
  char *protocol_version; /* NULL when not said; valid UTF-8 */
  char *agent;            /* likewise */
  char **protocols;       /* NULL-terminated */
  bool has_protocols;     /* a push may leave them out: then nothing has changed */
  SoukMultiaddr *addrs;   /* where it says to listen, and the addresses of its signed record */
  size_t n_addrs;
  bool has_observed;
  SoukMultiaddr observed; /* where it sees us */
  GBytes *record;         /* the signed envelope, verified; NULL when there was none or a bad one */
  uint64_t record_seq;
  SoukStatus record_status; /* OK, or why the record was dropped */
} SoukIdentifyInfo;

void souk_identify_info_free (SoukIdentifyInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukIdentifyInfo, souk_identify_info_free)

/* What this node says about itself; everything is borrowed. */
typedef struct {
  const SoukIdentity *identity;
  const char *protocol_version;
  const char *agent;
  const char *const *protocols;
  const SoukMultiaddr *addrs;
  size_t n_addrs;
  uint64_t record_seq; /* must grow whenever `addrs` change; 0: no signed record */
} SoukIdentifyLocal;

/* Returns: (transfer full): the message without observedAddr. What does not fit into
 * SOUK_IDENTIFY_MESSAGE_MAX is left out, last addresses first. */
GBytes *souk_identify_encode (const SoukIdentifyLocal *local);
/* Appends the varint length, the message, and observedAddr when it is not NULL. */
void souk_identify_append (GByteArray *out, GBytes *message, const SoukMultiaddr *observed);
/* Decodes what `peer` has sent.
 * Out: (transfer full). Returns: OK, BAD_ENCODING, or WRONG_PEER when the key in it is another's.
 * Addresses that cannot be read are left out; a bad signed record is too (record_status). */
SoukStatus souk_identify_decode (SoukSlice in, const SoukPeerId *peer, SoukIdentifyInfo **out);

/* Returns: (transfer full): the signed envelope of a peer record. */
GBytes *souk_peer_record_seal (const SoukIdentity *identity, const SoukMultiaddr *addrs,
                               size_t n_addrs, uint64_t seq);
/* Opens and verifies an envelope that must be of `peer`.
 * Out: up to `addrs_max` addresses, how many, and the sequence number.
 * Returns: OK, BAD_PEER_RECORD, BAD_SIGNATURE or UNSUPPORTED. */
SoukStatus souk_peer_record_open (SoukSlice envelope, const SoukPeerId *peer, SoukMultiaddr *out,
                                  size_t addrs_max, size_t *out_len, uint64_t *out_seq);
