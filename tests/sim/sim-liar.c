/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a hostile node does besides its ordinary work. See sim-world.h.
 *
 * Honest nodes must lose nothing by it: no wrong record in a catalogue, no honest peer blamed, every
 * live record everywhere; and each liar must end in somebody's graylist.
 */
#include "sim-world.h"

#define KINDS 7

/* A signed message that carries no record; with a wrong signature when `is_forged`. */
static void
append_message (Node *node, GByteArray *rpc, bool is_forged)
{
  uint8_t garbage[64];
  souk_rng_fill (&node->rng.rng, garbage, sizeof garbage);
  g_autoptr (GBytes) message = souk_gossip_message_sign (
      &node->identity, SOUK_SLICE_LITERAL (SIM_TOPIC), souk_slice (garbage, sizeof garbage),
      souk_rng_u64 (&node->rng.rng));
  souk_append_field_bytes (rpc, SOUK_RPC_PUBLISH, souk_slice_from_bytes (message));
  if (is_forged)
    rpc->data[rpc->len - 1] ^= 1;
}

/* Offers messages that do not exist. */
static void
append_ihave (Node *node, GByteArray *control)
{
  g_autoptr (GByteArray) ids = g_byte_array_new ();
  for (unsigned i = 0; i < 20; i++)
    {
      uint64_t id = souk_rng_u64 (&node->rng.rng);
      souk_append_field_bytes (ids, SOUK_IHAVE_IDS, souk_slice (&id, sizeof id));
    }
  souk_append_gossip_ihave (control, SOUK_SLICE_LITERAL (SIM_TOPIC), souk_slice_from_array (ids));
}

static void
append_random (Node *node, GByteArray *out)
{
  uint8_t bytes[48];
  souk_rng_fill (&node->rng.rng, bytes, sizeof bytes);
  souk_append (out, souk_slice (bytes, sizeof bytes));
}

void
node_lie (Node *node)
{
  World *world = node->world;
  Payload payload = PAYLOAD_GOSSIP;
  const SoukSlice topic = SOUK_SLICE_LITERAL (SIM_TOPIC);
  if (!node->is_up || node->links->len == 0)
    return;
  Link *link = node->links->pdata[sim_below (world, node->links->len)];
  unsigned end = link->ends[0] == node ? 0 : 1;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) control = g_byte_array_new ();
  switch (sim_below (world, KINDS))
    {
    case 0:
      append_message (node, bytes, true);
      break;
    case 1:
      append_message (node, bytes, false);
      break;
    case 2:
      append_ihave (node, control);
      break;
    case 3:
      souk_append_gossip_prune (control, topic, 86400);
      souk_append_gossip_graft (control, topic);
      break;
    case 4:
      append_random (node, bytes);
      break;
    case 5:
      payload = PAYLOAD_SYNC;
      append_random (node, bytes);
      break;
    case 6:
      payload = PAYLOAD_RECORD;
      append_random (node, bytes);
      break;
    }
  if (control->len > 0)
    souk_append_field_bytes (bytes, SOUK_RPC_CONTROL, souk_slice_from_array (control));
  g_autoptr (GBytes) sent = g_bytes_new (bytes->data, bytes->len);
  /* In a session that the victim did not begin. */
  sim_send (world, link, end, payload, end, sent);
}
