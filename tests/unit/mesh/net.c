/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gossipsub machines on lines without delay; the vectors file. See net.h.
 */
#include "net.h"

#include "support.h"

#include <string.h>

void
net_init (Net *net, size_t count, const SoukGossipConfig *config)
{
  SoukGossipConfig none = { 0 };
  memset (net, 0, sizeof *net);
  g_assert (count <= NET_NODES_MAX);
  net->count = count;
  net->now = (SoukMono){ 1000000 };
  for (size_t i = 0; i < count; i++)
    {
      NetNode *node = &net->nodes[i];
      uint8_t seed[32] = { (uint8_t)(i + 1) };
      souk_identity_init_seed (&node->identity, seed);
      node->id = souk_identity_peer_id (&node->identity);
      souk_seeded_rng_init_number (&node->rng, i);
      node->messages = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
      node->gossip = souk_gossip_new (config != NULL ? config : &none, &node->identity,
                                      1000 * (i + 1), &node->rng.rng, net->now);
    }
}

void
net_done (Net *net)
{
  for (size_t i = 0; i < net->count; i++)
    {
      souk_gossip_free (net->nodes[i].gossip);
      souk_identity_done (&net->nodes[i].identity);
      g_ptr_array_unref (net->nodes[i].messages);
      g_clear_pointer (&net->nodes[i].last_rpc, g_bytes_unref);
    }
}

void
net_connect (Net *net, size_t a, size_t b, SoukGossipProtocol protocol)
{
  g_assert_cmpint (
      souk_gossip_add_peer (net->nodes[a].gossip, &net->nodes[b].id, protocol, true, net->now), ==,
      SOUK_STATUS_OK);
  g_assert_cmpint (
      souk_gossip_add_peer (net->nodes[b].gossip, &net->nodes[a].id, protocol, false, net->now), ==,
      SOUK_STATUS_OK);
  net->is_connected[a][b] = net->is_connected[b][a] = true;
}

void
net_disconnect (Net *net, size_t a, size_t b)
{
  souk_gossip_remove_peer (net->nodes[a].gossip, &net->nodes[b].id, net->now);
  souk_gossip_remove_peer (net->nodes[b].gossip, &net->nodes[a].id, net->now);
  net->is_connected[a][b] = net->is_connected[b][a] = false;
}

void
net_subscribe_all (Net *net, const char *topic)
{
  for (size_t i = 0; i < net->count; i++)
    g_assert_cmpint (souk_gossip_subscribe (net->nodes[i].gossip, topic, net->now), ==,
                     SOUK_STATUS_OK);
}

static void
carry (Net *net, size_t from, const SoukGossipEvent *event)
{
  NetNode *sender = &net->nodes[from];
  sender->sent++;
  g_clear_pointer (&sender->last_rpc, g_bytes_unref);
  sender->last_rpc = g_bytes_ref (event->rpc);
  for (size_t to = 0; to < net->count; to++)
    if (net->is_connected[from][to] && souk_peer_id_is_equal (&net->nodes[to].id, event->peer))
      net->nodes[to].last_status = souk_gossip_recv (net->nodes[to].gossip, &sender->id,
                                                     souk_slice_from_bytes (event->rpc), net->now);
}

static void
take_message (Net *net, NetNode *node, const SoukGossipEvent *event)
{
  g_ptr_array_add (node->messages, souk_slice_to_bytes (event->data));
  node->last_id = event->id;
  node->last_author = *event->author;
  node->last_seqno = event->seqno;
  if (!node->holds_verdicts)
    g_assert_true (souk_gossip_validated (node->gossip, event->id, node->verdict, net->now));
}

void
net_pump (Net *net)
{
  bool again = true;
  while (again)
    {
      again = false;
      for (size_t i = 0; i < net->count; i++)
        {
          NetNode *node = &net->nodes[i];
          SoukGossipEvent event;
          while (souk_gossip_next (node->gossip, &event))
            {
              again = true;
              switch (event.type)
                {
                case SOUK_GOSSIP_EVENT_SEND:
                  carry (net, i, &event);
                  break;
                case SOUK_GOSSIP_EVENT_MESSAGE:
                  take_message (net, node, &event);
                  break;
                case SOUK_GOSSIP_EVENT_SUBSCRIBED:
                  node->subscribed++;
                  break;
                case SOUK_GOSSIP_EVENT_UNSUBSCRIBED:
                  node->unsubscribed++;
                  break;
                case SOUK_GOSSIP_EVENT_GRAFTED:
                  node->grafted++;
                  break;
                case SOUK_GOSSIP_EVENT_PRUNED:
                  node->pruned++;
                  break;
                case SOUK_GOSSIP_EVENT_REFUSED:
                  node->last_refusal = event.status;
                  break;
                }
            }
        }
    }
}

void
net_run (Net *net, int64_t ms)
{
  net_pump (net);
  for (int64_t t = 0; t < ms; t += 100)
    {
      net->now = souk_mono_add_ms (net->now, 100);
      for (size_t i = 0; i < net->count; i++)
        if (souk_mono_is_due (souk_gossip_deadline (net->nodes[i].gossip), net->now))
          souk_gossip_tick (net->nodes[i].gossip, net->now);
      net_pump (net);
    }
}

double
net_score (Net *net, size_t of, size_t by)
{
  double score = 0;
  g_assert_true (souk_gossip_score (net->nodes[by].gossip, &net->nodes[of].id, &score));
  return score;
}

size_t
net_publish (Net *net, size_t node, const char *topic, const char *text)
{
  size_t peers = 0;
  g_assert_cmpint (souk_gossip_publish (net->nodes[node].gossip, topic, souk_slice_from_text (text),
                                        net->now, &peers),
                   ==, SOUK_STATUS_OK);
  return peers;
}

char *
vector_text (const char *section, const char *name)
{
  g_autoptr (JsonObject) root = souk_test_vectors ("mesh.json");
  JsonObject *object = json_object_get_object_member (root, section);
  return g_strdup (json_object_get_string_member (object, name));
}

GBytes *
vector_bytes (const char *section, const char *name)
{
  g_autofree char *text = vector_text (section, name);
  return souk_test_hex (text);
}
