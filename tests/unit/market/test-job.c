/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole jobs: a requester's machine and two providers' over a small mesh and a small chain, crashed
 * at every write. The world does what the glue does, as in test-order.c.
 */
#include "fixture.h"
#include "market/job-table.h"

#include <string.h>

#define PROVIDERS 2
#define REQUESTER_PARTY 1
#define FIRST_PROVIDER_PARTY 5

typedef struct {
  SoukWork *work;
  GBytes *disk;
  bool outbox[SOUK_WORK_COMMAND_COUNT];
  uint8_t deal[32];
  bool dies_when_running; /* and is never heard of again */
  bool declines;
  bool fails; /* its sandbox does not come up */
  bool is_funded;
  bool is_submitted;
  SoukDealEnd end;
  int64_t submit_by;
  int64_t confirm_by;
} Provider;

typedef struct {
  SoukJobSpec *spec;
  SoukRecord *record;
  SoukJob *job;
  GBytes *disk;
  bool outbox[PROVIDERS][SOUK_JOB_COMMAND_COUNT];
  Provider providers[PROVIDERS];
  SoukSeededRng rng;
  SoukWall now;
  bool is_requester_mean; /* it takes the result and gives no receipt, and no release */
  unsigned writes;
  unsigned crash_at;
  bool is_crash_early;
} World;

typedef struct {
  const char *name;
  const char *price; /* of the first provider's bid; the second asks 1.5 times that */
  unsigned bidders;
  bool first_dies;
  bool first_declines;
  bool first_fails;
  bool is_requester_mean;
  bool has_wide_exposure;
  const char *job_end;
  const char *reason;
  const char *first_end; /* NULL: not looked at */
  const char *second_end;
} Story;

/* ---- stores and crashes ---- */

static bool
write_is_lost (World *world)
{
  world->writes++;
  return world->writes == world->crash_at && world->is_crash_early;
}

static void
restart_job (World *world)
{
  souk_job_free (world->job);
  souk_assert_status (souk_job_from_bytes (souk_slice_from_bytes (world->disk), &world->job), OK);
  souk_job_resume (world->job, world->now);
}

static void
restart_work (Provider *provider)
{
  souk_work_free (provider->work);
  souk_assert_status (
      souk_work_from_bytes (souk_slice_from_bytes (provider->disk), &provider->work), OK);
  souk_work_resume (provider->work);
}

static void
store_job (World *world, SoukJobCommand transaction, size_t provider)
{
  if (write_is_lost (world))
    {
      restart_job (world);
      return;
    }
  g_clear_pointer (&world->disk, g_bytes_unref);
  world->disk = souk_job_to_bytes (world->job);
  if (transaction != SOUK_JOB_COMMAND_NONE)
    world->outbox[provider][transaction] = true;
  if (world->writes == world->crash_at)
    restart_job (world);
}

static void
store_work (World *world, Provider *provider, SoukWorkCommand transaction)
{
  if (write_is_lost (world))
    {
      restart_work (provider);
      return;
    }
  g_clear_pointer (&provider->disk, g_bytes_unref);
  provider->disk = souk_work_to_bytes (provider->work);
  if (transaction != SOUK_WORK_COMMAND_NONE)
    provider->outbox[transaction] = true;
  if (world->writes == world->crash_at)
    restart_work (provider);
}

static void
apply_job (World *world, const SoukJobEvent *event)
{
  if (souk_job_apply (world->job, event, world->now) == SOUK_STATUS_OK)
    store_job (world, SOUK_JOB_COMMAND_NONE, 0);
}

static void
apply_work (World *world, Provider *provider, const SoukWorkEvent *event)
{
  bool is_tx = event->kind == SOUK_WORK_EVENT_TX_STORED;
  if (souk_work_apply (provider->work, event, world->now) == SOUK_STATUS_OK)
    store_work (world, provider, is_tx ? event->command : SOUK_WORK_COMMAND_NONE);
}

/* ---- the requester's commands ---- */

static Provider *
current_provider (World *world)
{
  const SoukJobBid *bid = souk_job_current_bid (world->job);
  for (size_t i = 0; bid != NULL && i < PROVIDERS; i++)
    {
      SoukPeerId peer = fix_peer (FIRST_PROVIDER_PARTY + (unsigned)i);
      if (souk_peer_id_is_equal (&peer, &bid->bid.peer))
        return &world->providers[i];
    }
  return NULL;
}

static bool
is_gone (const Provider *provider)
{
  return provider->dies_when_running && provider->work != NULL
         && provider->work->phase == SOUK_WORK_RUNNING;
}

static void
send_award (World *world)
{
  Provider *provider = current_provider (world);
  SoukJobEvent answer = { .kind = SOUK_JOB_EVENT_AWARD_ACK };
  SoukWorkEvent event = { .kind = SOUK_WORK_EVENT_AWARDED };
  if (provider->declines)
    {
      event.kind = SOUK_WORK_EVENT_DECLINED;
      answer.kind = SOUK_JOB_EVENT_REFUSED;
      answer.detail = "Too busy.";
    }
  apply_work (world, provider, &event);
  /* The answer says what is stored, so it goes only when it is. */
  bool is_taken = provider->work->phase != SOUK_WORK_BID_MADE;
  if (!is_taken)
    {
      /* The stream broke with the other side's crash. */
      answer.kind = SOUK_JOB_EVENT_COMMAND_FAILED;
      answer.command = SOUK_JOB_COMMAND_SEND_AWARD;
    }
  apply_job (world, &answer);
}

static void
send_receipt (World *world)
{
  Provider *provider = current_provider (world);
  SoukReceiptTerms terms;
  uint8_t signature[SOUK_ECDSA_SIZE];
  SoukWorkEvent receipt = { .kind = SOUK_WORK_EVENT_RECEIPT };
  SoukJobEvent sent = { .kind = SOUK_JOB_EVENT_RECEIPT_SENT };
  if (world->is_requester_mean)
    return;
  if (souk_job_receipt (world->job, &terms))
    {
      fix_receipt_digest (&terms, receipt.hash);
      fix_sign (REQUESTER_PARTY, receipt.hash, signature);
      receipt.receipt = &terms;
      receipt.signature = signature;
    }
  apply_work (world, provider, &receipt);
  apply_job (world, &sent);
}

/* Whoever is asked to go on telling tells what it has said already, too. */
static void
follow (World *world)
{
  Provider *provider = current_provider (world);
  SoukJobEvent event = { .kind = SOUK_JOB_EVENT_RESULT };
  if (is_gone (provider) || !provider->work->has_result)
    return;
  SoukJobResult result = provider->work->result;
  event.result = &result;
  souk_result_hash (event.hash, &result.cid);
  apply_job (world, &event);
}

static void
execute_job (World *world, SoukJobOrder order)
{
  SoukJobEvent event = { .command = order.command, .deal_index = order.deal };
  size_t provider = 0;
  switch (order.command)
    {
    case SOUK_JOB_COMMAND_NONE:
      return;
    case SOUK_JOB_COMMAND_FOLLOW_JOB:
      follow (world);
      return;
    case SOUK_JOB_COMMAND_PUBLISH_JOB:
      event.kind = SOUK_JOB_EVENT_PUBLISHED;
      apply_job (world, &event);
      return;
    case SOUK_JOB_COMMAND_SEND_AWARD:
      send_award (world);
      return;
    case SOUK_JOB_COMMAND_FETCH_RESULT:
      event.kind = SOUK_JOB_EVENT_FETCHED;
      apply_job (world, &event);
      return;
    case SOUK_JOB_COMMAND_SEND_RECEIPT:
      send_receipt (world);
      return;
    case SOUK_JOB_COMMAND_SUBMIT_FUND:
      provider = (size_t)(current_provider (world) - world->providers);
      break;
    case SOUK_JOB_COMMAND_SUBMIT_REFUND:
    case SOUK_JOB_COMMAND_SUBMIT_RELEASE:
      while (memcmp (world->providers[provider].deal,
                     world->job->bids[world->job->deals[order.deal].bid]->deal, 32)
             != 0)
        provider++;
      if (world->is_requester_mean)
        return;
      break;
    case SOUK_JOB_COMMAND_COUNT:
      g_assert_not_reached ();
    }
  event.kind = SOUK_JOB_EVENT_TX_STORED;
  if (souk_job_apply (world->job, &event, world->now) == SOUK_STATUS_OK)
    store_job (world, order.command, provider);
}

/* ---- a provider's commands ---- */

static SoukJobResult
result_of (const Provider *provider)
{
  SoukJobResult result = { .exit_code = 0, .fuel = 1234, .wall_ms = 10 };
  result.cid = fix_cid ("the result");
  if (provider->fails)
    result = (SoukJobResult){ .failure = SOUK_JOB_FAILURE_SANDBOX_FAILED };
  return result;
}

static void
send_result (World *world, Provider *provider)
{
  SoukJobEvent event = { .kind = SOUK_JOB_EVENT_RESULT, .result = &provider->work->result };
  SoukWorkEvent sent = { .kind = SOUK_WORK_EVENT_RESULT_SENT };
  if (provider->work->has_result)
    souk_result_hash (event.hash, &provider->work->result.cid);
  if (current_provider (world) == provider)
    apply_job (world, &event);
  apply_work (world, provider, &sent);
}

static void
execute_work (World *world, Provider *provider, SoukWorkCommand command)
{
  SoukWorkEvent event = { .command = command };
  SoukJobResult result = result_of (provider);
  switch (command)
    {
    case SOUK_WORK_COMMAND_NONE:
      return;
    case SOUK_WORK_COMMAND_STAGE_JOB:
      event.kind = SOUK_WORK_EVENT_STAGED;
      break;
    case SOUK_WORK_COMMAND_RUN_JOB:
      event.kind = SOUK_WORK_EVENT_DONE;
      event.result = &result;
      break;
    case SOUK_WORK_COMMAND_SEND_RESULT:
      send_result (world, provider);
      return;
    case SOUK_WORK_COMMAND_SUBMIT_SETTLE:
    case SOUK_WORK_COMMAND_SUBMIT_RESULT:
    case SOUK_WORK_COMMAND_SUBMIT_RELEASE:
    case SOUK_WORK_COMMAND_SUBMIT_REFUND:
      event.kind = SOUK_WORK_EVENT_TX_STORED;
      break;
    case SOUK_WORK_COMMAND_COUNT:
      g_assert_not_reached ();
    }
  apply_work (world, provider, &event);
}

static void
tell_progress (World *world, Provider *provider)
{
  SoukJobEvent event = { .kind = SOUK_JOB_EVENT_STAGING, .percent = 50 };
  if (current_provider (world) != provider || !souk_work_is_live (provider->work))
    return;
  souk_job_heard (world->job, world->now);
  if (provider->work->phase == SOUK_WORK_RUNNING)
    event.kind = SOUK_JOB_EVENT_RUNNING;
  if (provider->work->phase >= SOUK_WORK_STAGING)
    apply_job (world, &event);
}

/* ---- the chain ---- */

static void
mine (World *world, size_t index)
{
  Provider *provider = &world->providers[index];
  const bool *ours = world->outbox[index], *theirs = provider->outbox;
  int64_t now_s = souk_wall_seconds (world->now);
  if (ours[SOUK_JOB_COMMAND_SUBMIT_FUND] && !provider->is_funded)
    {
      provider->is_funded = true;
      provider->submit_by = now_s + world->spec->submit_within_s;
    }
  if (!provider->is_funded || provider->end != SOUK_END_NONE)
    return;
  if (theirs[SOUK_WORK_COMMAND_SUBMIT_RESULT] && !provider->is_submitted
      && now_s <= provider->submit_by)
    {
      provider->is_submitted = true;
      provider->confirm_by = now_s + world->spec->confirm_window_s;
    }
  bool is_claimed = theirs[SOUK_WORK_COMMAND_SUBMIT_RELEASE] && provider->is_submitted
                    && now_s > provider->confirm_by;
  if (theirs[SOUK_WORK_COMMAND_SUBMIT_SETTLE] || ours[SOUK_JOB_COMMAND_SUBMIT_RELEASE]
      || is_claimed)
    provider->end = SOUK_END_RELEASED;
  else if (theirs[SOUK_WORK_COMMAND_SUBMIT_REFUND]
           || (ours[SOUK_JOB_COMMAND_SUBMIT_REFUND] && !provider->is_submitted
               && now_s > provider->submit_by))
    provider->end = SOUK_END_REFUNDED;
}

static void
tell_log (World *world, Provider *provider)
{
  SoukJobEvent job = { .settlement.end = provider->end };
  SoukWorkEvent work = { .settlement.end = provider->end };
  memcpy (job.hash, provider->deal, 32);
  const struct {
    bool is_so;
    SoukJobEventKind job;
    SoukWorkEventKind work;
    int64_t deadline;
  } logs[] = {
    { provider->is_funded, SOUK_JOB_EVENT_FUNDED, SOUK_WORK_EVENT_FUNDED, provider->submit_by },
    { provider->is_submitted, SOUK_JOB_EVENT_SUBMITTED, SOUK_WORK_EVENT_SUBMITTED,
      provider->confirm_by },
    { provider->end != SOUK_END_NONE, SOUK_JOB_EVENT_SETTLED, SOUK_WORK_EVENT_SETTLED, 0 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      if (!logs[i].is_so)
        continue;
      job.kind = logs[i].job;
      work.kind = logs[i].work;
      job.deadline = work.deadline = logs[i].deadline;
      apply_job (world, &job);
      if (!is_gone (provider))
        apply_work (world, provider, &work);
    }
}

/* ---- the run ---- */

static void
make_bid (World *world, unsigned index, const char *price)
{
  Provider *provider = &world->providers[index];
  unsigned party = FIRST_PROVIDER_PARTY + index;
  SoukBid bid = fix_bid (party, world->record, world->spec, price, provider->deal);
  const uint8_t *deal = bid.has_terms ? provider->deal : NULL;
  provider->work = souk_work_new (world->record, &bid, deal, world->now, &world->rng.rng);
  provider->disk = souk_work_to_bytes (provider->work);
}

static void
offer_bids (World *world)
{
  for (size_t i = 0; i < PROVIDERS; i++)
    {
      Provider *provider = &world->providers[i];
      if (provider->work == NULL || provider->work->phase != SOUK_WORK_BID_MADE)
        continue;
      SoukJobEvent event = { .kind = SOUK_JOB_EVENT_BID, .bid = &provider->work->bid };
      memcpy (event.hash, provider->deal, 32);
      apply_job (world, &event);
    }
}

static void
step (World *world)
{
  SoukJobOrder order;
  for (size_t i = 0; i < PROVIDERS; i++)
    {
      Provider *provider = &world->providers[i];
      if (provider->work == NULL)
        continue;
      mine (world, i);
      tell_log (world, provider);
      if (is_gone (provider))
        continue;
      if (souk_work_tick (provider->work, world->now))
        store_work (world, provider, SOUK_WORK_COMMAND_NONE);
      tell_progress (world, provider);
      execute_work (world, provider, souk_work_next_command (provider->work, world->now));
    }
  if (world->job->phase == SOUK_JOB_BIDDING)
    offer_bids (world);
  if (souk_job_tick (world->job, world->now))
    store_job (world, SOUK_JOB_COMMAND_NONE, 0);
  while (souk_job_next_command (world->job, world->now, &order))
    execute_job (world, order);
}

static void
world_init (World *world, const Story *story)
{
  memset (world, 0, sizeof *world);
  bool is_free = g_str_equal (story->price, "0");
  souk_seeded_rng_init_number (&world->rng, 3);
  world->spec = fix_job_spec (is_free ? "0" : FIX_PRICE);
  if (!is_free && !story->has_wide_exposure)
    {
      /* Short enough that the money is back before the job's own deadline. */
      world->spec->submit_within_s = SOUK_WINDOW_S_MIN;
      world->spec->deadline = FIX_NOW_S + 4000;
    }
  world->record = fix_job_record (REQUESTER_PARTY, world->spec);
  SoukWei exposure = world->spec->max_price;
  for (unsigned i = 0; story->has_wide_exposure && i < 2; i++)
    souk_assert_status (souk_wei_add (exposure, world->spec->max_price, &exposure), OK);
  world->now = FIX_NOW;
  world->job = souk_job_new (world->record, world->spec, exposure, world->now, &world->rng.rng);
  world->disk = souk_job_to_bytes (world->job);
  world->is_requester_mean = story->is_requester_mean;
  world->providers[0].dies_when_running = story->first_dies;
  world->providers[0].declines = story->first_declines;
  world->providers[0].fails = story->first_fails;
  if (story->bidders > 0)
    make_bid (world, 0, story->price);
  if (story->bidders > 1)
    make_bid (world, 1, is_free ? "0" : "900000000000000000");
}

static void
world_done (World *world)
{
  souk_job_free (world->job);
  g_bytes_unref (world->disk);
  for (size_t i = 0; i < PROVIDERS; i++)
    {
      souk_work_free (world->providers[i].work);
      g_clear_pointer (&world->providers[i].disk, g_bytes_unref);
    }
  souk_record_free (world->record);
  souk_job_spec_free (world->spec);
}

static void
check_end (const World *world, const Story *story)
{
  g_assert_cmpstr (souk_job_phase_name (world->job->phase), ==, story->job_end);
  g_assert_cmpstr (souk_job_reason_name (world->job->reason), ==, story->reason);
  g_assert_true (souk_job_is_over (world->job));
  const char *ends[PROVIDERS] = { story->first_end, story->second_end };
  for (size_t i = 0; i < PROVIDERS; i++)
    if (ends[i] != NULL)
      g_assert_cmpstr (souk_work_phase_name (world->providers[i].work->phase), ==, ends[i]);
  /* Nobody was paid twice, and nobody for nothing. */
  unsigned paid = 0;
  for (size_t i = 0; i < PROVIDERS; i++)
    paid += world->providers[i].end == SOUK_END_RELEASED;
  g_assert_cmpuint (paid, ==,
                    g_str_equal (story->job_end, "settled") && world->job->deal_count > 0);
}

static bool
is_all_over (const World *world)
{
  for (size_t i = 0; i < PROVIDERS; i++)
    {
      const Provider *provider = &world->providers[i];
      if (provider->work != NULL && !is_gone (provider) && !souk_work_is_over (provider->work))
        return false;
    }
  return souk_job_is_over (world->job);
}

static unsigned
tell (const Story *story, unsigned crash_at, bool is_crash_early)
{
  World world;
  SoukJobEvent start = { .kind = SOUK_JOB_EVENT_START };
  world_init (&world, story);
  world.crash_at = crash_at;
  world.is_crash_early = is_crash_early;
  for (unsigned i = 0; i < 500 && !is_all_over (&world); i++)
    {
      if (world.job->phase == SOUK_JOB_DRAFT)
        apply_job (&world, &start);
      step (&world);
      world.now.us += (i < 200 ? 1 : 30) * SOUK_US_PER_S;
    }
  check_end (&world, story);
  unsigned writes = world.writes;
  world_done (&world);
  return writes;
}

static const Story stories[] = {
  { "a-free-job-settles", "0", 2, false, false, false, false, false, "settled", "none", NULL,
    NULL },
  { "a-paid-job-settles-with-a-receipt", "500000000000000000", 2, false, false, false, false, false,
    "settled", "none", "settled", "lost" },
  { "nobody-bids", FIX_PRICE, 0, false, false, false, false, false, "no-bids", "no-bids", NULL,
    NULL },
  { "the-next-bid-is-tried-when-the-first-declines", "500000000000000000", 2, false, true, false,
    false, false, "settled", "none", "lost", "settled" },
  { "all-declined-is-told-apart-from-no-bids", "500000000000000000", 1, false, true, false, false,
    false, "no-bids", "all-declined", "lost", NULL },
  { "a-lost-provider-is-replaced-at-once-when-the-person-allows-it", "500000000000000000", 2, true,
    false, false, false, true, "settled", "none", NULL, "settled" },
  { "a-lost-provider's-money-comes-back-first-when-not", "500000000000000000", 1, true, false,
    false, false, false, "no-bids", "no-bids", NULL, NULL },
  { "a-failing-provider-gives-the-money-back-itself", "500000000000000000", 2, false, false, true,
    false, true, "settled", "none", "refunded", "settled" },
  { "a-requester-that-gives-no-receipt-pays-all-the-same", "500000000000000000", 1, false, false,
    false, true, true, "settled", "none", "settled", NULL },
};

static void
test_story (gconstpointer data)
{
  const Story *story = data;
  unsigned writes = tell (story, 0, false);
  g_assert_cmpuint (writes, >=, 3);
  for (unsigned i = 1; i <= writes; i++)
    {
      tell (story, i, true);
      tell (story, i, false);
    }
}

static void
test_bids_have_sentences (void)
{
  World world;
  const Story story = { .price = "500000000000000000", .bidders = 2 };
  world_init (&world, &story);
  SoukJobEvent start = { .kind = SOUK_JOB_EVENT_START };
  apply_job (&world, &start);
  while (world.job->bid_count == 0 || world.job->bids[0]->sentence[0] == '\0')
    {
      step (&world);
      world.now.us += SOUK_US_PER_S;
    }
  g_assert_nonnull (strstr (world.job->bids[0]->sentence, "Chosen with"));
  g_assert_nonnull (strstr (world.job->bids[1]->sentence, "its price is higher"));
  g_assert_cmpuint (world.job->bids[0]->score, >, world.job->bids[1]->score);
  world_done (&world);
}

static void
test_late_and_barred_bids (void)
{
  World world;
  const Story story = { .price = "500000000000000000", .bidders = 1 };
  world_init (&world, &story);
  SoukJobEvent bid = { .kind = SOUK_JOB_EVENT_BID, .bid = &world.providers[0].work->bid };
  memcpy (bid.hash, world.providers[0].deal, 32);
  souk_assert_status (souk_job_apply (world.job, &bid, FIX_NOW), BID_LATE);
  world.job->phase = SOUK_JOB_BIDDING;
  souk_assert_status (souk_job_apply (world.job, &bid, FIX_NOW), OK);
  souk_assert_status (souk_job_apply (world.job, &bid, FIX_NOW), OK);
  g_assert_cmpuint (world.job->bid_count, ==, 1);
  world.job->bids[0]->out = SOUK_BID_FAULTY;
  souk_assert_status (souk_job_apply (world.job, &bid, FIX_NOW), BID_BARRED);
  world_done (&world);
}

static void
test_cancel (void)
{
  World world;
  const Story story = { .price = "500000000000000000", .bidders = 1, .has_wide_exposure = true };
  SoukJobEvent start = { .kind = SOUK_JOB_EVENT_START };
  SoukJobEvent cancel = { .kind = SOUK_JOB_EVENT_CANCEL };
  world_init (&world, &story);
  apply_job (&world, &start);
  apply_job (&world, &cancel);
  g_assert_cmpint (world.job->phase, ==, SOUK_JOB_CANCELLED);
  world_done (&world);

  world_init (&world, &story);
  world.providers[0].dies_when_running = true;
  apply_job (&world, &start);
  for (unsigned i = 0; i < 40 && world.job->phase != SOUK_JOB_STAGING; i++)
    {
      step (&world);
      world.now.us += SOUK_US_PER_S;
    }
  apply_job (&world, &cancel);
  g_assert_cmpint (world.job->phase, ==, SOUK_JOB_REFUNDING);
  for (unsigned i = 0; i < 300; i++)
    {
      step (&world);
      world.now.us += 30 * SOUK_US_PER_S;
    }
  g_assert_cmpint (world.job->phase, ==, SOUK_JOB_REFUNDED);
  g_assert_cmpint (world.job->reason, ==, SOUK_JOB_REASON_CANCELLED);
  world_done (&world);
}

static void
test_suspicion (void)
{
  World world;
  const Story story = { .price = "0", .bidders = 1 };
  world_init (&world, &story);
  world.job->phase = SOUK_JOB_RUNNING;
  souk_job_heard (world.job, FIX_NOW);
  SoukWall later = { FIX_NOW.us + 15 * SOUK_US_PER_S };
  g_assert_false (souk_job_is_suspect (world.job, later));
  later.us++;
  g_assert_true (souk_job_is_suspect (world.job, later));
  world_done (&world);
}

static void
test_a_bad_result_hash (void)
{
  World world;
  const Story story = { .price = "0", .bidders = 1 };
  SoukJobResult result = { .cid = fix_cid ("x") };
  SoukJobEvent start = { .kind = SOUK_JOB_EVENT_START };
  SoukJobEvent event = { .kind = SOUK_JOB_EVENT_RESULT, .result = &result };
  world_init (&world, &story);
  world.providers[0].dies_when_running = true;
  apply_job (&world, &start);
  while (world.job->phase != SOUK_JOB_STAGING)
    {
      step (&world);
      world.now.us += SOUK_US_PER_S;
    }
  souk_assert_status (souk_job_apply (world.job, &event, world.now), OK);
  g_assert_cmpint (world.job->phase, ==, SOUK_JOB_POSTED);
  g_assert_cmpint (world.job->reason, ==, SOUK_JOB_REASON_RESULT_BAD);
  g_assert_cmpint (world.job->bids[0]->out, ==, SOUK_BID_FAULTY);
  world_done (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (stories); i++)
    {
      g_autofree char *path
          = g_strconcat ("/market/job/crashed-at-every-write/", stories[i].name, NULL);
      g_test_add_data_func (path, &stories[i], test_story);
    }
  g_test_add_func ("/market/job/each-bid-says-why-it-won-or-lost", test_bids_have_sentences);
  g_test_add_func ("/market/job/late-and-barred-bidders-are-told", test_late_and_barred_bids);
  g_test_add_func ("/market/job/cancelling-brings-the-money-back", test_cancel);
  g_test_add_func ("/market/job/a-silent-provider-is-suspected-after-15-s", test_suspicion);
  g_test_add_func ("/market/job/a-result-that-is-not-what-it-says-bars-its-provider",
                   test_a_bad_result_hash);
  return g_test_run ();
}
