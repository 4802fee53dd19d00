/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Job specifications: build, check, decode. PURE. See job-spec.h.
 */
#include "market/job-spec.h"

#include "market/fields.h"
#include "wire/souk.pb-c.h"

#include <string.h>

bool
souk_job_spec_is_free (const SoukJobSpec *self)
{
  return souk_wei_is_zero (self->max_price);
}

/* A path that stays inside the job's own file system. */
static bool
path_is_valid (const char *path)
{
  if (!souk_field_text (path, 1, SOUK_JOB_PATH_MAX, SOUK_TEXT_LINE))
    return false;
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  for (size_t i = 0; parts[i] != NULL; i++)
    if (parts[i][0] == '\0' || g_str_equal (parts[i], ".") || g_str_equal (parts[i], ".."))
      return false;
  return true;
}

/* "NAME=value" with a name as POSIX has it. */
static bool
env_is_valid (const char *entry)
{
  const char *at = entry;
  if (!g_ascii_isalpha (*at) && *at != '_')
    return false;
  while (g_ascii_isalnum (*at) || *at == '_')
    at++;
  return *at == '=';
}

static SoukStatus
check_texts (const SoukJobSpec *self)
{
  size_t args = g_strv_length (self->args);
  size_t envs = g_strv_length (self->env);
  if (!souk_field_text (self->title, 0, SOUK_TITLE_MAX, SOUK_TEXT_LINE) || args > SOUK_JOB_ARGS_MAX
      || envs > SOUK_JOB_ENV_MAX)
    return SOUK_STATUS_JOB_ARGS;
  /* Programs take newlines and empty arguments; only other control characters are refused. */
  for (size_t i = 0; i < args; i++)
    if (!souk_field_text (self->args[i], 0, SOUK_JOB_ARG_MAX, SOUK_TEXT_PARAGRAPHS))
      return SOUK_STATUS_JOB_ARGS;
  for (size_t i = 0; i < envs; i++)
    if (!souk_field_text (self->env[i], 2, SOUK_JOB_ARG_MAX, SOUK_TEXT_PARAGRAPHS)
        || !env_is_valid (self->env[i]))
      return SOUK_STATUS_JOB_ARGS;
  if (self->file_count > SOUK_JOB_FILES_MAX)
    return SOUK_STATUS_JOB_FILES;
  for (size_t i = 0; i < self->file_count; i++)
    if (!path_is_valid (self->files[i].path))
      return SOUK_STATUS_JOB_FILES;
  return SOUK_STATUS_OK;
}

static SoukStatus
check_limits (const SoukJobLimits *limits)
{
  if (limits->memory_mb < 1 || limits->memory_mb > SOUK_JOB_MEMORY_MB_MAX || limits->wall_ms < 1
      || limits->wall_ms > SOUK_JOB_WALL_MS_MAX || limits->cpu_ms < 1
      || limits->cpu_ms > SOUK_JOB_WALL_MS_MAX || limits->output_bytes < 1
      || limits->output_bytes > SOUK_JOB_OUTPUT_MAX)
    return SOUK_STATUS_JOB_LIMITS;
  return SOUK_STATUS_OK;
}

static SoukStatus
check_money (const SoukJobSpec *self, const SoukAddress *wallet)
{
  if (souk_job_spec_is_free (self))
    {
      if (!souk_address_is_zero (&self->token) || self->chain_id != 0
          || !souk_address_is_zero (&self->contract))
        return SOUK_STATUS_JOB_PRICE;
      if (self->confirm_window_s != 0 || self->submit_within_s != 0)
        return SOUK_STATUS_JOB_TIME;
      return SOUK_STATUS_OK;
    }
  if (souk_address_is_zero (wallet) || self->chain_id == 0
      || souk_address_is_zero (&self->contract))
    return SOUK_STATUS_JOB_PRICE;
  if (self->confirm_window_s < SOUK_WINDOW_S_MIN || self->confirm_window_s > SOUK_WINDOW_S_MAX
      || self->submit_within_s < SOUK_WINDOW_S_MIN || self->submit_within_s > SOUK_WINDOW_S_MAX)
    return SOUK_STATUS_JOB_TIME;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_job_spec_check (const SoukJobSpec *self, const SoukAddress *wallet)
{
  SOUK_TRY (check_texts (self));
  SOUK_TRY (check_limits (&self->limits));
  SOUK_TRY (check_money (self, wallet));
  if (self->bid_window_ms < SOUK_BID_WINDOW_MS_MIN || self->bid_window_ms > SOUK_BID_WINDOW_MS_MAX
      || self->deadline <= 0)
    return SOUK_STATUS_JOB_TIME;
  return SOUK_STATUS_OK;
}

GBytes *
souk_job_spec_to_body (const SoukJobSpec *self)
{
  uint8_t price[32];
  g_autoptr (GBytes) module = souk_cid_to_bytes (&self->module);
  g_autoptr (GBytes) input = souk_cid_to_bytes (&self->input);
  g_autoptr (GPtrArray) cids = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autofree Souk__JobFile *files = g_new0 (Souk__JobFile, self->file_count + 1);
  g_autofree Souk__JobFile **file_list = g_new0 (Souk__JobFile *, self->file_count + 1);
  for (size_t i = 0; i < self->file_count; i++)
    {
      GBytes *cid = souk_cid_to_bytes (&self->files[i].cid);
      g_ptr_array_add (cids, cid);
      souk__job_file__init (&files[i]);
      files[i].path = self->files[i].path;
      files[i].cid = souk_field_from_slice (souk_slice_from_bytes (cid));
      file_list[i] = &files[i];
    }
  Souk__JobLimits limits = SOUK__JOB_LIMITS__INIT;
  limits.memory_mb = self->limits.memory_mb;
  limits.wall_ms = self->limits.wall_ms;
  limits.cpu_ms = self->limits.cpu_ms;
  limits.output_bytes = self->limits.output_bytes;
  limits.fuel = self->limits.fuel;

  Souk__Job message = SOUK__JOB__INIT;
  message.module = souk_field_from_slice (souk_slice_from_bytes (module));
  if (self->has_input)
    message.input = souk_field_from_slice (souk_slice_from_bytes (input));
  message.args = self->args;
  message.n_args = g_strv_length (self->args);
  message.env = self->env;
  message.n_env = g_strv_length (self->env);
  message.files = file_list;
  message.n_files = self->file_count;
  message.limits = &limits;
  message.max_price = souk_field_from_slice (souk_amount_bytes (self->max_price, price));
  message.token = souk_field_from_slice (souk_address_bytes (&self->token));
  message.chain_id = self->chain_id;
  message.contract = souk_field_from_slice (souk_address_bytes (&self->contract));
  message.bid_window_ms = self->bid_window_ms;
  message.deadline = (uint64_t)MAX (self->deadline, 0);
  message.deterministic = self->is_deterministic;
  message.title = self->title;
  message.confirm_window_s = self->confirm_window_s;
  message.submit_within_s = self->submit_within_s;
  return souk_message_pack (&message);
}

static SoukStatus
read_files (const Souk__Job *message, SoukJobSpec *spec)
{
  if (message->n_files > SOUK_JOB_FILES_MAX)
    return SOUK_STATUS_JOB_FILES;
  spec->files = g_new0 (SoukJobFile, message->n_files + 1);
  spec->file_count = message->n_files;
  for (size_t i = 0; i < message->n_files; i++)
    {
      spec->files[i].path = g_strdup (message->files[i]->path);
      if (!souk_field_cid (message->files[i]->cid, &spec->files[i].cid))
        return SOUK_STATUS_JOB_FILES;
    }
  return SOUK_STATUS_OK;
}

static GStrv
copy_texts (char *const *texts, size_t count)
{
  GStrv copy = g_new0 (char *, count + 1);
  for (size_t i = 0; i < count; i++)
    copy[i] = g_strdup (texts[i]);
  return copy;
}

static SoukStatus
read_fields (const Souk__Job *message, SoukJobSpec *spec)
{
  if (!souk_field_cid (message->module, &spec->module))
    return SOUK_STATUS_JOB_MODULE;
  spec->has_input = message->input.len != 0;
  if (spec->has_input && !souk_field_cid (message->input, &spec->input))
    return SOUK_STATUS_JOB_MODULE;
  if (message->n_args > SOUK_JOB_ARGS_MAX || message->n_env > SOUK_JOB_ENV_MAX)
    return SOUK_STATUS_JOB_ARGS;
  spec->title = g_strdup (message->title);
  spec->args = copy_texts (message->args, message->n_args);
  spec->env = copy_texts (message->env, message->n_env);
  SOUK_TRY (read_files (message, spec));
  if (message->limits == NULL)
    return SOUK_STATUS_JOB_LIMITS;
  spec->limits = (SoukJobLimits){
    .memory_mb = message->limits->memory_mb,
    .wall_ms = message->limits->wall_ms,
    .cpu_ms = message->limits->cpu_ms,
    .output_bytes = message->limits->output_bytes,
    .fuel = message->limits->fuel,
  };
  if (!souk_field_amount (message->max_price, &spec->max_price)
      || !souk_field_address (message->token, &spec->token)
      || !souk_field_address (message->contract, &spec->contract))
    return SOUK_STATUS_JOB_PRICE;
  spec->chain_id = message->chain_id;
  spec->bid_window_ms = message->bid_window_ms;
  if (message->deadline > INT64_MAX / SOUK_US_PER_S)
    return SOUK_STATUS_JOB_TIME;
  spec->deadline = (int64_t)message->deadline;
  spec->is_deterministic = message->deterministic;
  spec->confirm_window_s = message->confirm_window_s;
  spec->submit_within_s = message->submit_within_s;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_job_spec_from_body (SoukSlice body, const SoukAddress *wallet, SoukJobSpec **out)
{
  if (body.len > SOUK_RECORD_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  SOUK_AUTO_MESSAGE Souk__Job *message = souk_message_unpack (&souk__job__descriptor, body);
  if (message == NULL)
    return SOUK_STATUS_BAD_ENCODING;

  g_autoptr (SoukJobSpec) spec = g_new0 (SoukJobSpec, 1);
  if (!souk_message_is_canonical (&message->base, body))
    return SOUK_STATUS_RECORD_FORM;
  SOUK_TRY (read_fields (message, spec));
  SOUK_TRY (souk_job_spec_check (spec, wallet));
  *out = g_steal_pointer (&spec);
  return SOUK_STATUS_OK;
}

SoukStatus
souk_job_spec_from_record (const SoukRecord *record, SoukJobSpec **out)
{
  if (record->type != SOUK_RECORD_JOB || record->is_withdrawn)
    return SOUK_STATUS_RECORD_BODY;
  g_autoptr (SoukJobSpec) spec = NULL;
  SOUK_TRY (souk_job_spec_from_body (souk_slice_from_bytes (record->body), &record->wallet, &spec));
  /* A job that nobody can finish before its record leaves the mesh would find bidders too late. */
  if (spec->deadline > record->expires + SOUK_JOB_LIFE_S_MAX)
    return SOUK_STATUS_JOB_TIME;
  *out = g_steal_pointer (&spec);
  return SOUK_STATUS_OK;
}

void
souk_job_hash (uint8_t out[SOUK_HASH_SIZE], SoukSlice body)
{
  souk_keccak256 (out, body);
}

void
souk_job_spec_free (SoukJobSpec *self)
{
  if (self == NULL)
    return;
  g_free (self->title);
  g_strfreev (self->args);
  g_strfreev (self->env);
  for (size_t i = 0; i < self->file_count; i++)
    g_free (self->files[i].path);
  g_free (self->files);
  g_free (self);
}
