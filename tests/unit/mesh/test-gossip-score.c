/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/gossip-score.c.
 */
#include "mesh/gossip-score.h"

#include "mesh/gossip-limits.h"

static SoukPeerId
peer_of (uint32_t number)
{
  SoukIdentity identity;
  uint8_t seed[32] = { (uint8_t)number, (uint8_t)(number >> 8), 1 };
  souk_identity_init_seed (&identity, seed);
  return souk_identity_peer_id (&identity);
}

static void
test_invalid (void)
{
  SoukGossipScores *scores = souk_gossip_scores_new ();
  SoukPeerId peer = peer_of (1);
  SoukGossipScore *score = souk_gossip_scores_open (scores, &peer);
  for (int i = 0; i < 200; i++)
    souk_gossip_score_first_delivery (score, 0);
  souk_gossip_score_grafted (score, 0);
  for (int i = 0; i < 1000; i++)
    souk_gossip_scores_decay (scores, (SoukMono){ 0 });
  double earned = souk_gossip_score_value (score);
  g_assert_cmpfloat (earned, >, 0);
  g_assert_cmpfloat (earned, <=, 20);
  for (int i = 0; i < 6; i++)
    souk_gossip_score_invalid (score, 0);
  g_assert_cmpfloat (souk_gossip_score_value (score), <, SOUK_GOSSIP_SCORE_GRAYLIST);
  for (int i = 0; i < 300; i++)
    souk_gossip_scores_decay (scores, (SoukMono){ 0 });
  g_assert_cmpfloat (souk_gossip_score_value (score), >=, 0);
  souk_gossip_scores_free (scores);
}

static void
test_behaviour (void)
{
  SoukGossipScores *scores = souk_gossip_scores_new ();
  SoukPeerId peer = peer_of (1);
  SoukGossipScore *score = souk_gossip_scores_open (scores, &peer);
  souk_gossip_score_misbehaved (score, 6);
  g_assert_cmpfloat (souk_gossip_score_value (score), ==, 0);
  souk_gossip_score_misbehaved (score, 3);
  g_assert_cmpfloat (souk_gossip_score_value (score), <, SOUK_GOSSIP_SCORE_GRAYLIST);
  souk_gossip_score_set_application (score, 1000);
  g_assert_cmpfloat (souk_gossip_score_value (score), >, 0);
  souk_gossip_scores_free (scores);
}

static void
test_kept (void)
{
  SoukMono now = { 0 };
  SoukGossipScores *scores = souk_gossip_scores_new ();
  SoukPeerId bad = peer_of (1), good = peer_of (2);
  SoukGossipScore *score = souk_gossip_scores_open (scores, &bad);
  souk_gossip_score_misbehaved (score, 9);
  souk_gossip_scores_close (scores, score, now);
  score = souk_gossip_scores_open (scores, &good);
  souk_gossip_score_first_delivery (score, 3);
  souk_gossip_scores_close (scores, score, now);

  souk_gossip_scores_decay (scores, souk_mono_add_ms (now, 1000));
  score = souk_gossip_scores_open (scores, &bad);
  g_assert_cmpfloat (souk_gossip_score_value (score), <, SOUK_GOSSIP_SCORE_GRAYLIST);
  souk_gossip_scores_close (scores, score, now);
  score = souk_gossip_scores_open (scores, &good);
  g_assert_cmpfloat (souk_gossip_score_value (score), ==, 0);
  souk_gossip_scores_close (scores, score, now);

  souk_gossip_scores_decay (scores, souk_mono_add_ms (now, SOUK_GOSSIP_SCORE_KEEP_MS));
  score = souk_gossip_scores_open (scores, &bad);
  g_assert_cmpfloat (souk_gossip_score_value (score), ==, 0);
  souk_gossip_scores_free (scores);
}

static void
test_kept_bounded (void)
{
  SoukMono now = { 0 };
  SoukGossipScores *scores = souk_gossip_scores_new ();
  for (uint32_t i = 0; i <= SOUK_GOSSIP_SCORES_KEPT_MAX; i++)
    {
      SoukPeerId peer = peer_of (i);
      SoukGossipScore *score = souk_gossip_scores_open (scores, &peer);
      souk_gossip_score_misbehaved (score, 9);
      souk_gossip_scores_close (scores, score, now);
    }
  SoukPeerId first = peer_of (0), second = peer_of (1);
  g_assert_cmpfloat (souk_gossip_score_value (souk_gossip_scores_open (scores, &second)), <, 0);
  g_assert_cmpfloat (souk_gossip_score_value (souk_gossip_scores_open (scores, &first)), ==, 0);
  souk_gossip_scores_free (scores);
}

static void
test_left_topic (void)
{
  SoukGossipScores *scores = souk_gossip_scores_new ();
  SoukPeerId peer = peer_of (1);
  SoukGossipScore *score = souk_gossip_scores_open (scores, &peer);
  souk_gossip_score_invalid (score, 7);
  g_assert_cmpfloat (souk_gossip_score_value (score), <, 0);
  souk_gossip_scores_forget_topic (scores, 7);
  g_assert_cmpfloat (souk_gossip_score_value (score), ==, 0);
  souk_gossip_scores_free (scores);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/gossip-score/six-invalid-messages-outweigh-all-that-can-be-earned",
                   test_invalid);
  g_test_add_func ("/mesh/gossip-score/a-little-misbehaviour-is-forgiven", test_behaviour);
  g_test_add_func ("/mesh/gossip-score/leaving-does-not-heal-a-bad-score", test_kept);
  g_test_add_func ("/mesh/gossip-score/kept-scores-are-bounded", test_kept_bounded);
  g_test_add_func ("/mesh/gossip-score/a-left-topic-does-not-count", test_left_topic);
  return g_test_run ();
}
