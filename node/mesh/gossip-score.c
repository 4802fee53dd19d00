/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Peer scores. PURE. See gossip-score.h.
 */
#include "mesh/gossip-score.h"

#include "mesh/gossip-limits.h"

/* Weights, caps and decay factors a heartbeat. */
#define P1_WEIGHT 0.01 /* a heartbeat in the mesh */
#define P1_CAP 300.0
#define P2_WEIGHT 0.1
#define P2_CAP 100.0
#define P2_DECAY 0.99
#define P4_WEIGHT (-4.0)
#define P4_DECAY 0.98
#define P7_WEIGHT (-10.0)
#define P7_THRESHOLD 6.0
#define P7_DECAY 0.98
#define TOPICS_CAP 20.0
/* "DecayToZero": a counter below it is zero, so that old sins end. */
#define DECAY_TO_ZERO 0.01

typedef struct {
  bool is_meshed;
  double mesh_time, first_deliveries, invalid;
} SoukGossipTopicScore;

struct SoukGossipScore {
  SoukPeerId peer;
  bool is_open;
  SoukMono keep_until; /* when not open */
  GArray *topics;      /* SoukGossipTopicScore by slot, as far as needed */
  double application, behaviour;
};

struct SoukGossipScores {
  GHashTable *by_peer; /* &score->peer -> score */
  GPtrArray *all;      /* owned; in order of coming, which keeps a replay the same */
};

static void
score_free (gpointer data)
{
  SoukGossipScore *score = data;
  g_array_unref (score->topics);
  g_free (score);
}

SoukGossipScores *
souk_gossip_scores_new (void)
{
  SoukGossipScores *self = g_new0 (SoukGossipScores, 1);
  self->by_peer = g_hash_table_new (souk_peer_id_hash, souk_peer_id_equal);
  self->all = g_ptr_array_new_with_free_func (score_free);
  return self;
}

void
souk_gossip_scores_free (SoukGossipScores *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_peer);
  g_ptr_array_unref (self->all);
  g_free (self);
}

static void
forget (SoukGossipScores *self, guint index)
{
  SoukGossipScore *score = g_ptr_array_index (self->all, index);
  g_hash_table_remove (self->by_peer, &score->peer);
  g_ptr_array_remove_index (self->all, index);
}

SoukGossipScore *
souk_gossip_scores_open (SoukGossipScores *self, const SoukPeerId *peer)
{
  SoukGossipScore *score = g_hash_table_lookup (self->by_peer, peer);
  if (score == NULL)
    {
      score = g_new0 (SoukGossipScore, 1);
      score->peer = *peer;
      score->topics = g_array_new (FALSE, TRUE, sizeof (SoukGossipTopicScore));
      g_hash_table_insert (self->by_peer, &score->peer, score);
      g_ptr_array_add (self->all, score);
    }
  g_assert (!score->is_open);
  score->is_open = true;
  return score;
}

/* Drops the kept score that came first when there are too many. */
static void
bound_kept (SoukGossipScores *self)
{
  size_t kept = 0;
  for (guint i = 0; i < self->all->len; i++)
    kept += !((SoukGossipScore *)g_ptr_array_index (self->all, i))->is_open;
  for (guint i = 0; kept > SOUK_GOSSIP_SCORES_KEPT_MAX && i < self->all->len;)
    if (((SoukGossipScore *)g_ptr_array_index (self->all, i))->is_open)
      i++;
    else
      {
        forget (self, i);
        kept--;
      }
}

void
souk_gossip_scores_close (SoukGossipScores *self, SoukGossipScore *score, SoukMono now)
{
  guint index = 0;
  g_assert (score->is_open);
  score->is_open = false;
  for (guint slot = 0; slot < score->topics->len; slot++)
    souk_gossip_score_pruned (score, slot);
  if (souk_gossip_score_value (score) >= 0)
    {
      g_assert (g_ptr_array_find (self->all, score, &index));
      forget (self, index);
      return;
    }
  score->keep_until = souk_mono_add_ms (now, SOUK_GOSSIP_SCORE_KEEP_MS);
  bound_kept (self);
}

static void
decay (double *counter, double factor)
{
  *counter *= factor;
  if (*counter < DECAY_TO_ZERO)
    *counter = 0;
}

void
souk_gossip_scores_decay (SoukGossipScores *self, SoukMono now)
{
  for (guint i = 0; i < self->all->len;)
    {
      SoukGossipScore *score = g_ptr_array_index (self->all, i);
      /* "the score is retained for some period of time": as it was, or leaving would heal it. */
      if (!score->is_open)
        {
          if (souk_mono_is_due (score->keep_until, now))
            forget (self, i);
          else
            i++;
          continue;
        }
      decay (&score->behaviour, P7_DECAY);
      for (guint slot = 0; slot < score->topics->len; slot++)
        {
          SoukGossipTopicScore *topic = &g_array_index (score->topics, SoukGossipTopicScore, slot);
          decay (&topic->first_deliveries, P2_DECAY);
          decay (&topic->invalid, P4_DECAY);
          if (topic->is_meshed && topic->mesh_time < P1_CAP)
            topic->mesh_time += 1;
        }
      i++;
    }
}

/* The row of a topic, made when it is not there. */
static SoukGossipTopicScore *
topic_of (SoukGossipScore *score, unsigned slot)
{
  g_assert (slot < SOUK_GOSSIP_OWN_TOPICS_MAX);
  if (slot >= score->topics->len)
    g_array_set_size (score->topics, slot + 1);
  return &g_array_index (score->topics, SoukGossipTopicScore, slot);
}

void
souk_gossip_scores_forget_topic (SoukGossipScores *self, unsigned slot)
{
  for (guint i = 0; i < self->all->len; i++)
    *topic_of (g_ptr_array_index (self->all, i), slot) = (SoukGossipTopicScore){ 0 };
}

void
souk_gossip_score_grafted (SoukGossipScore *score, unsigned slot)
{
  SoukGossipTopicScore *topic = topic_of (score, slot);
  topic->is_meshed = true;
  topic->mesh_time = 0;
}

void
souk_gossip_score_pruned (SoukGossipScore *score, unsigned slot)
{
  SoukGossipTopicScore *topic = topic_of (score, slot);
  topic->is_meshed = false;
  topic->mesh_time = 0;
}

void
souk_gossip_score_first_delivery (SoukGossipScore *score, unsigned slot)
{
  SoukGossipTopicScore *topic = topic_of (score, slot);
  if (topic->first_deliveries < P2_CAP)
    topic->first_deliveries += 1;
}

void
souk_gossip_score_invalid (SoukGossipScore *score, unsigned slot)
{
  topic_of (score, slot)->invalid += 1;
}

void
souk_gossip_score_misbehaved (SoukGossipScore *score, double amount)
{
  score->behaviour += amount;
}

void
souk_gossip_score_set_application (SoukGossipScore *score, double value)
{
  score->application = value;
}

double
souk_gossip_score_value (const SoukGossipScore *score)
{
  double sum = 0;
  for (guint slot = 0; slot < score->topics->len; slot++)
    {
      const SoukGossipTopicScore *topic
          = &g_array_index (score->topics, SoukGossipTopicScore, slot);
      sum += P1_WEIGHT * topic->mesh_time + P2_WEIGHT * topic->first_deliveries
             + P4_WEIGHT * topic->invalid * topic->invalid;
    }
  if (sum > TOPICS_CAP)
    sum = TOPICS_CAP;
  sum += score->application;
  if (score->behaviour > P7_THRESHOLD)
    {
      double excess = score->behaviour - P7_THRESHOLD;
      sum += P7_WEIGHT * excess * excess;
    }
  return sum;
}
