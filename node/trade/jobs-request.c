/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * compute.request: from arguments to a job that is on its way. See jobs.h.
 *
 * All that a provider will fetch is brought here and pinned first, so that a bidder never waits for
 * a third party; only then is the record signed, the job stored, and the market asked.
 */
#include "trade/jobs-private.h"

#include "api/values.h"
#include "swarm/clock.h"

#include <string.h>

#define MEMORY_MB_USUAL 256
#define WALL_MS_USUAL 60000
#define OUTPUT_BYTES_USUAL (1024 * 1024)
/* Content that is not here is waited for so long, for each block. */
#define FETCH_BLOCK_MS 20000
/* What an attempt takes besides running: bids, staging, fetching the result; and blocks when paid. */
#define ATTEMPT_FREE_S 300
#define ATTEMPT_PAID_S 900
/* The contract's windows: how long the provider has to commit a result, and the requester to object. */
#define SUBMIT_WITHIN_S 1800
#define CONFIRM_WINDOW_S 3600
#define KEY_SIZE 16

typedef struct {
  SoukJobs *jobs;
  SoukCall *call;
  SoukJobSpec *spec;
  GArray *wanted; /* of SoukCid: what must be here */
  guint next;
} Request;

static void
request_free (Request *request)
{
  souk_job_spec_free (request->spec);
  g_array_unref (request->wanted);
  g_free (request);
}

static void
request_fail_status (Request *request, SoukStatus status)
{
  souk_call_fail (request->call, 422, souk_status_name (status), "%s",
                  souk_status_sentence (status));
  request_free (request);
}

/* ---- the last step: the record and the job ---- */

static SoukStatus
build_record (Request *request, SoukRecord **out)
{
  const SoukTradeContext *context = &request->jobs->context;
  SoukRecord draft = {
    .type = SOUK_RECORD_JOB,
    .key_len = KEY_SIZE,
    .sequence = 1,
    .expires = request->spec->deadline,
  };
  souk_rng_fill (souk_swarm_rng (context->swarm), draft.key, KEY_SIZE);
  if (!souk_job_spec_is_free (request->spec))
    {
      if (!souk_money_wallet_proof (context->money, draft.wallet_proof))
        return SOUK_STATUS_RECORD_WALLET;
      draft.wallet = *souk_money_address (context->money);
    }
  SOUK_TRY (souk_job_spec_check (request->spec, &draft.wallet));
  g_autoptr (GBytes) body = souk_job_spec_to_body (request->spec);
  draft.body = body;
  return souk_record_build (&draft, souk_swarm_identity (context->swarm), souk_wall_now (), out);
}

static void
request_finish (Request *request)
{
  SoukJobs *jobs = request->jobs;
  g_autoptr (SoukRecord) record = NULL;
  SoukStatus status = build_record (request, &record);
  if (status != SOUK_STATUS_OK)
    {
      request_fail_status (request, status);
      return;
    }
  /* Never more bound at once than the person named. */
  SoukJob *job = souk_job_new (record, request->spec, request->spec->max_price, souk_wall_now (),
                               souk_swarm_rng (jobs->context.swarm));
  souk_jobs_add (jobs, job, request->call);
  request_free (request);
}

/* ---- bringing the data here ---- */

static void fetch_next (Request *request);

static bool
is_module (GBytes *content)
{
  SoukSlice bytes = souk_slice_from_bytes (content);
  return bytes.len >= 8 && memcmp (bytes.data, "\0asm", 4) == 0;
}

static void
on_fetched (GBytes *content, const GError *error, void *user)
{
  Request *request = user;
  const SoukCid *cid = &g_array_index (request->wanted, SoukCid, request->next);
  g_autofree char *text = souk_cid_to_string (cid);
  if (content == NULL)
    {
      souk_call_fail (request->call, 504, "content-missing",
                      "%s is not here and did not come from the network: %s.", text,
                      error->message);
      request_free (request);
      return;
    }
  if (request->next == 0 && !is_module (content))
    {
      souk_call_fail (request->call, 422, "not-a-module",
                      "%s is no WebAssembly module; compile the program for wasm32-wasi.", text);
      request_free (request);
      return;
    }
  request->next++;
  fetch_next (request);
}

static void
fetch_next (Request *request)
{
  SoukFetchOptions options = {
    .size_max = SOUK_STAGED_BYTES_MAX,
    .timeout_ms = FETCH_BLOCK_MS,
    .owner = SOUK_JOB_PIN,
    .reason = "Part of a job",
  };
  if (request->next == request->wanted->len)
    request_finish (request);
  else
    souk_library_fetch (request->jobs->context.library,
                        &g_array_index (request->wanted, SoukCid, request->next), &options,
                        on_fetched, request);
}

static void
on_input_added (const SoukDagRoot *root, const GError *error, void *user)
{
  Request *request = user;
  if (root == NULL)
    {
      souk_call_fail (request->call, 507, "not-stored", "%s", error->message);
      request_free (request);
      return;
    }
  request->spec->has_input = true;
  request->spec->input = root->cid;
  fetch_next (request);
}

/* ---- reading the arguments ---- */

/* Each returns false when it has answered the call. */
static bool
read_cid (SoukCall *call, const char *text, SoukCid *out)
{
  if (souk_cid_parse (text, out) == SOUK_STATUS_OK && out->version == 1)
    return true;
  souk_call_fail (call, 400, "bad-cid", "\"%s\" is no CID of version 1.", text);
  return false;
}

static bool
read_files (SoukCall *call, SoukJobSpec *spec, GArray *wanted)
{
  g_auto (GStrv) files = souk_call_strings (call, "files");
  guint count = g_strv_length (files);
  spec->files = g_new0 (SoukJobFile, count + 1);
  for (guint i = 0; i < count; i++)
    {
      const char *equals = strrchr (files[i], '=');
      if (equals == NULL)
        {
          souk_call_fail (call, 400, "bad-file", "\"%s\" is not PATH=CID.", files[i]);
          return false;
        }
      /* "/data/x" and "data/x" are the same place for the program. */
      const char *path = files[i][0] == '/' ? files[i] + 1 : files[i];
      spec->files[i].path = g_strndup (path, (gsize)(equals - path));
      spec->file_count = i + 1;
      if (!read_cid (call, equals + 1, &spec->files[i].cid))
        return false;
      g_array_append_val (wanted, spec->files[i].cid);
    }
  return true;
}

static bool
read_number (SoukCall *call, const char *name, gint64 usual, gint64 max, uint64_t *out)
{
  gint64 value = souk_call_integer (call, name, usual);
  if (value < 0 || value > max || (value == 0 && usual != 0))
    {
      souk_call_fail (call, 400, "bad-limit", "%s must be %d to %" G_GINT64_FORMAT ".", name,
                      usual != 0, max);
      return false;
    }
  *out = (uint64_t)value;
  return true;
}

static bool
read_limits (SoukCall *call, SoukJobSpec *spec)
{
  uint64_t memory_mb, window_ms;
  SoukJobLimits *limits = &spec->limits;
  if (!read_number (call, "memory_mb", MEMORY_MB_USUAL, SOUK_JOB_MEMORY_MB_MAX, &memory_mb)
      || !read_number (call, "wall_ms", WALL_MS_USUAL, SOUK_JOB_WALL_MS_MAX, &limits->wall_ms)
      || !read_number (call, "output_bytes", OUTPUT_BYTES_USUAL, SOUK_RESULT_OUTPUT_MAX,
                       &limits->output_bytes)
      || !read_number (call, "fuel", 0, G_MAXINT64 >> 3, &limits->fuel)
      || !read_number (call, "bid_window_ms", SOUK_BID_WINDOW_MS_USUAL, SOUK_BID_WINDOW_MS_MAX,
                       &window_ms))
    return false;
  limits->memory_mb = (uint32_t)memory_mb;
  spec->bid_window_ms = MAX ((uint32_t)window_ms, SOUK_BID_WINDOW_MS_MIN);
  /* Compiling uses several processors at once. */
  limits->cpu_ms = MIN (limits->wall_ms * 2, SOUK_JOB_WALL_MS_MAX);
  return true;
}

static bool
read_price (const SoukTradeContext *context, SoukCall *call, SoukJobSpec *spec)
{
  const char *text = souk_call_string (call, "max_price", "0");
  if (souk_wei_parse_coins (text, SOUK_COIN_DECIMALS, &spec->max_price) != SOUK_STATUS_OK)
    {
      souk_call_fail (call, 400, "bad-amount", "\"%s\" is no amount; write \"0.05\".", text);
      return false;
    }
  if (souk_job_spec_is_free (spec))
    return true;
  if (context->money == NULL)
    {
      souk_call_fail (
          call, 409, "no-chain",
          "This node has no network and no wallet, so it can only ask for what is free.");
      return false;
    }
  SoukDomain domain = souk_money_domain (context->money, SOUK_ESCROW_MARKET_COMPUTE);
  spec->chain_id = domain.chain_id;
  spec->contract = domain.contract;
  spec->submit_within_s = SUBMIT_WITHIN_S + (uint32_t)(spec->limits.wall_ms / 1000);
  spec->confirm_window_s = CONFIRM_WINDOW_S;
  return true;
}

/* Reads what is to run. */
static bool
read_program (SoukCall *call, SoukJobSpec *spec, GArray *wanted)
{
  const char *input = souk_call_string (call, "input", NULL);
  if (!read_cid (call, souk_call_string (call, "module", ""), &spec->module))
    return false;
  g_array_append_val (wanted, spec->module);
  if (input != NULL && souk_call_has (call, "stdin"))
    {
      souk_call_fail (call, 400, "two-inputs", "Give either stdin or input.");
      return false;
    }
  if (input != NULL)
    {
      if (!read_cid (call, input, &spec->input))
        return false;
      spec->has_input = true;
      g_array_append_val (wanted, spec->input);
    }
  spec->title = g_strdup (souk_call_string (call, "title", "Job"));
  spec->args = souk_call_strings (call, "args");
  spec->env = souk_call_strings (call, "env");
  spec->is_deterministic = souk_call_boolean (call, "deterministic", false);
  return read_files (call, spec, wanted);
}

static void
set_deadline (SoukJobSpec *spec)
{
  int64_t attempt_s = (int64_t)spec->limits.wall_ms / 1000
                      + (souk_job_spec_is_free (spec) ? ATTEMPT_FREE_S : ATTEMPT_PAID_S);
  spec->deadline = souk_wall_seconds (souk_wall_now ())
                   + MIN (SOUK_JOB_ATTEMPTS_MAX * attempt_s, SOUK_JOB_LIFE_S_MAX);
}

static void
on_request (SoukCall *call, gpointer user_data)
{
  SoukJobs *self = user_data;
  const char *text = souk_call_string (call, "stdin", NULL);
  g_autoptr (GError) error = NULL;
  if (souk_jobs_count (self) >= SOUK_JOBS_LIVE_MAX)
    {
      souk_call_fail (call, 429, "too-many-jobs", "%d jobs are under way already.",
                      SOUK_JOBS_LIVE_MAX);
      return;
    }
  Request *request = g_new0 (Request, 1);
  request->jobs = self;
  request->call = call;
  request->spec = g_new0 (SoukJobSpec, 1);
  request->wanted = g_array_new (FALSE, FALSE, sizeof (SoukCid));
  if (!read_program (call, request->spec, request->wanted) || !read_limits (call, request->spec)
      || !read_price (&self->context, call, request->spec))
    {
      request_free (request);
      return;
    }
  set_deadline (request->spec);
  if (text == NULL)
    {
      fetch_next (request);
      return;
    }
  g_autoptr (GBytes) input = g_bytes_new (text, strlen (text));
  if (souk_library_add (self->context.library, input, SOUK_JOB_PIN, "Input of a job",
                        on_input_added, request, &error))
    return;
  souk_call_fail (call, 507, "not-stored", "%s", error->message);
  request_free (request);
}

void
souk_jobs_bind_request (SoukJobs *self)
{
  souk_dispatch_bind (self->context.dispatch, "compute.request", on_request, self);
}
