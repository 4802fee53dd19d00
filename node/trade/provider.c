/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The provider's switch and rules. See provider.h.
 */
#include "trade/provider.h"

#include "api/values.h"
#include "exec/policy-state.h"
#include "market/market-limits.h"
#include "store/documents.h"
#include "swarm/clock.h"

#include <string.h>

#define SETTINGS_KIND "settings"
#define SETTINGS_ID SOUK_SLICE_LITERAL ("provider")
#define JOBS_MAX 64
/* How often hours, battery, network and room are looked at for whoever watches. */
#define WATCH_EVERY_S 30

struct SoukProvider {
  SoukTradeContext context;
  char *data_dir;
  SoukProviderOwner owner;
  SoukProviderSettings settings;
  bool has_sandbox;
  bool is_checking;
  char *sandbox_problem; /* NULL: none is known */
  GPtrArray *waiting;    /* of SoukCall *: provider.set, until the sandbox was tried */
  SoukPolicyVerdict shown;
  GSource *watch;
};

/* ---- settings ---- */

static SoukProviderSettings
usual_settings (void)
{
  SoukPolicy policy = souk_policy_default ();
  return (SoukProviderSettings){
    .jobs_max = policy.jobs_max,
    .memory_mb = (uint32_t)policy.job_memory_mb_max,
    .wall_ms = policy.job_wall_ms_max,
  };
}

static char *
settings_to_text (const SoukProviderSettings *settings)
{
  g_autoptr (JsonNode) node = souk_json_object_node (json_object_new ());
  JsonObject *object = json_node_get_object (node);
  json_object_set_boolean_member (object, "enabled", settings->is_enabled);
  souk_json_set_wei (object, "price_wei", settings->price);
  json_object_set_int_member (object, "jobs_max", settings->jobs_max);
  json_object_set_int_member (object, "memory_mb", settings->memory_mb);
  json_object_set_int_member (object, "wall_ms", (gint64)settings->wall_ms);
  json_object_set_boolean_member (object, "on_battery", settings->on_battery);
  json_object_set_boolean_member (object, "on_metered", settings->on_metered);
  return json_to_string (node, FALSE);
}

/* What a file of an older or newer program does not say stays as usual. */
static void
settings_from_text (SoukProviderSettings *settings, const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return;
  JsonObject *object = json_node_get_object (node);
  const char *price = json_object_get_string_member_with_default (object, "price_wei", "0");
  settings->is_enabled = json_object_get_boolean_member_with_default (object, "enabled", FALSE);
  if (souk_wei_parse (price, &settings->price) != SOUK_STATUS_OK)
    settings->is_enabled = false; /* never for less than was asked */
  settings->jobs_max = (unsigned)CLAMP (
      json_object_get_int_member_with_default (object, "jobs_max", settings->jobs_max), 1,
      JOBS_MAX);
  settings->memory_mb = (uint32_t)CLAMP (
      json_object_get_int_member_with_default (object, "memory_mb", settings->memory_mb), 1,
      SOUK_JOB_MEMORY_MB_MAX);
  settings->wall_ms = (uint64_t)CLAMP (
      json_object_get_int_member_with_default (object, "wall_ms", (gint64)settings->wall_ms), 1,
      SOUK_JOB_WALL_MS_MAX);
  settings->on_battery = json_object_get_boolean_member_with_default (object, "on_battery", FALSE);
  settings->on_metered = json_object_get_boolean_member_with_default (object, "on_metered", FALSE);
}

static void
load_settings (SoukProvider *self)
{
  g_autoptr (SoukDocument) document
      = souk_documents_get (self->context.store, SETTINGS_KIND, SETTINGS_ID);
  self->settings = usual_settings ();
  if (document == NULL)
    return;
  gsize size;
  const char *data = g_bytes_get_data (document->body, &size);
  g_autofree char *text = g_strndup (data, size);
  settings_from_text (&self->settings, text);
}

static void
store_settings (SoukProvider *self, SoukStoreDone done, gpointer user)
{
  g_autofree char *text = settings_to_text (&self->settings);
  SoukStoreBatch *batch = souk_store_batch_new (self->context.store);
  souk_documents_put (batch, SETTINGS_KIND, SETTINGS_ID, 0, souk_wall_now (),
                      souk_slice_from_text (text));
  souk_store_commit (batch, done, user);
}

const SoukProviderSettings *
souk_provider_settings (const SoukProvider *self)
{
  return &self->settings;
}

/* ---- deciding ---- */

SoukPolicyVerdict
souk_provider_decide (SoukProvider *self, const SoukPolicyAsk *ask, const char **out_sentence)
{
  SoukPolicy policy = souk_policy_default ();
  SoukPolicyState state = {
    .n_jobs = self->owner.jobs_now (self->owner.user),
    .has_sandbox = self->has_sandbox,
  };
  policy.is_enabled = self->settings.is_enabled;
  policy.jobs_max = self->settings.jobs_max;
  policy.job_memory_mb_max = self->settings.memory_mb;
  policy.job_wall_ms_max = self->settings.wall_ms;
  policy.on_battery = self->settings.on_battery;
  policy.on_metered = self->settings.on_metered;
  souk_policy_state_read (&state, self->data_dir);
  SoukPolicyVerdict verdict = souk_policy_decide (&policy, &state, ask);
  *out_sentence = souk_policy_sentence (verdict);
  if (verdict == SOUK_POLICY_SANDBOX && self->sandbox_problem != NULL)
    *out_sentence = self->sandbox_problem;
  else if (verdict == SOUK_POLICY_SANDBOX && self->is_checking)
    *out_sentence = "The sandbox is being tried.";
  return verdict;
}

static const char *
state_name (SoukPolicyVerdict verdict)
{
  if (verdict == SOUK_POLICY_DISABLED)
    return "off";
  if (verdict == SOUK_POLICY_BUSY)
    return "busy";
  return verdict == SOUK_POLICY_TAKE ? "ready" : "paused";
}

/* ---- showing ---- */

static JsonObject *
provider_json (SoukProvider *self)
{
  JsonObject *object = json_object_new ();
  const SoukProviderSettings *settings = &self->settings;
  const char *sentence;
  SoukPolicyVerdict verdict = souk_provider_decide (self, NULL, &sentence);
  self->shown = verdict;
  json_object_set_boolean_member (object, "enabled", settings->is_enabled);
  json_object_set_string_member (object, "state", state_name (verdict));
  json_object_set_string_member (
      object, "sentence",
      verdict == SOUK_POLICY_TAKE ? "This computer takes jobs."
      : verdict == SOUK_POLICY_DISABLED
          ? "This computer does not offer its time; turn the switch on to take jobs."
          : sentence);
  souk_json_set_coins (object, "price", settings->price);
  json_object_set_int_member (object, "jobs_max", settings->jobs_max);
  json_object_set_int_member (object, "memory_mb", settings->memory_mb);
  json_object_set_int_member (object, "wall_ms", (gint64)settings->wall_ms);
  json_object_set_boolean_member (object, "on_battery", settings->on_battery);
  json_object_set_boolean_member (object, "on_metered", settings->on_metered);
  json_object_set_int_member (object, "running", self->owner.jobs_now (self->owner.user));
  souk_json_set_wei (object, "earned_wei", self->owner.earned (self->owner.user));
  return object;
}

void
souk_provider_emit (SoukProvider *self)
{
  JsonObject *event = json_object_new ();
  json_object_set_object_member (event, "provider", provider_json (self));
  souk_dispatch_emit (self->context.dispatch, "provider.changed", event);
}

static void
on_show (SoukCall *call, gpointer user_data)
{
  SoukProvider *self = user_data;
  souk_call_reply (call, souk_json_object_node (provider_json (self)));
}

/* Tells when the hours begin, the mains are back, and the like. */
static gboolean
on_watch (gpointer user_data)
{
  SoukProvider *self = user_data;
  const char *sentence;
  if (self->settings.is_enabled && souk_provider_decide (self, NULL, &sentence) != self->shown)
    souk_provider_emit (self);
  return G_SOURCE_CONTINUE;
}

/* ---- the sandbox ---- */

static void
check_sandbox (SoukProvider *self)
{
  if (self->is_checking)
    return;
  self->is_checking = true;
  self->owner.check_sandbox (self->owner.user);
}

void
souk_provider_set_sandbox (SoukProvider *self, const char *problem)
{
  self->is_checking = false;
  self->has_sandbox = problem == NULL;
  g_free (self->sandbox_problem);
  self->sandbox_problem = g_strdup (problem);
  if (problem != NULL)
    souk_log_record (self->context.log, SOUK_LOG_WARNING, "provider.no-sandbox",
                     "This computer cannot lock jobs in, so it takes none.",
                     souk_log_string ("reason", problem));
  else
    souk_log_record (self->context.log, SOUK_LOG_NOTICE, "provider.ready",
                     "The sandbox works; this computer offers its time.");
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);
  self->waiting = g_ptr_array_new ();
  for (guint i = 0; i < waiting->len; i++)
    souk_call_reply (waiting->pdata[i], souk_json_object_node (provider_json (self)));
  souk_provider_emit (self);
}

/* ---- provider.set ---- */

static bool
read_number (SoukCall *call, const char *name, gint64 max, gint64 before, gint64 *out)
{
  *out = souk_call_integer (call, name, before);
  if (*out >= 1 && *out <= max)
    return true;
  souk_call_fail (call, 400, "bad-limit", "%s must be 1 to %" G_GINT64_FORMAT ".", name, max);
  return false;
}

/* Reads what is named; false when it has answered the call. */
static bool
read_settings (SoukProvider *self, SoukCall *call, SoukProviderSettings *settings)
{
  gint64 jobs_max, memory_mb, wall_ms;
  const char *price = souk_call_string (call, "price", NULL);
  *settings = self->settings;
  if (price != NULL
      && souk_wei_parse_coins (price, SOUK_COIN_DECIMALS, &settings->price) != SOUK_STATUS_OK)
    {
      souk_call_fail (call, 400, "bad-amount", "\"%s\" is no amount; write \"0.01\".", price);
      return false;
    }
  if (!read_number (call, "jobs_max", JOBS_MAX, settings->jobs_max, &jobs_max)
      || !read_number (call, "memory_mb", SOUK_JOB_MEMORY_MB_MAX, settings->memory_mb, &memory_mb)
      || !read_number (call, "wall_ms", SOUK_JOB_WALL_MS_MAX, (gint64)settings->wall_ms, &wall_ms))
    return false;
  settings->is_enabled = souk_call_boolean (call, "enabled", settings->is_enabled);
  settings->jobs_max = (unsigned)jobs_max;
  settings->memory_mb = (uint32_t)memory_mb;
  settings->wall_ms = (uint64_t)wall_ms;
  settings->on_battery = souk_call_boolean (call, "on_battery", settings->on_battery);
  settings->on_metered = souk_call_boolean (call, "on_metered", settings->on_metered);
  if (settings->is_enabled && !souk_wei_is_zero (settings->price) && self->context.money == NULL)
    {
      souk_call_fail (call, 409, "no-chain",
                      "This node has no network and no wallet, so it can only work for 0.");
      return false;
    }
  return true;
}

typedef struct {
  SoukProvider *provider;
  SoukCall *call;
} Setting;

static void
on_settings_stored (const GError *error, gpointer user)
{
  g_autofree Setting *setting = user;
  SoukProvider *self = setting->provider;
  if (error != NULL)
    {
      souk_call_fail (setting->call, 507, "not-stored", "%s", error->message);
      return;
    }
  self->owner.changed (self->owner.user);
  if (self->settings.is_enabled)
    {
      g_ptr_array_add (self->waiting, setting->call);
      check_sandbox (self);
      return;
    }
  souk_call_reply (setting->call, souk_json_object_node (provider_json (self)));
  souk_provider_emit (self);
}

static void
on_set (SoukCall *call, gpointer user_data)
{
  SoukProvider *self = user_data;
  SoukProviderSettings settings;
  if (!read_settings (self, call, &settings))
    return;
  self->settings = settings;
  Setting *setting = g_new0 (Setting, 1);
  *setting = (Setting){ self, call };
  store_settings (self, on_settings_stored, setting);
}

/* ---- life ---- */

SoukProvider *
souk_provider_new (const SoukTradeContext *context, const char *data_dir, bool is_provider,
                   const SoukProviderOwner *owner)
{
  SoukProvider *self = g_new0 (SoukProvider, 1);
  self->context = *context;
  self->data_dir = g_strdup (data_dir);
  self->owner = *owner;
  self->waiting = g_ptr_array_new ();
  load_settings (self);
  if (is_provider && !self->settings.is_enabled)
    {
      self->settings.is_enabled = true;
      store_settings (self, NULL, NULL);
    }
  /* A price without a chain could never be paid. */
  if (!souk_wei_is_zero (self->settings.price) && context->money == NULL)
    self->settings.is_enabled = false;
  souk_dispatch_bind (context->dispatch, "provider.show", on_show, self);
  souk_dispatch_bind (context->dispatch, "provider.set", on_set, self);
  self->watch = g_timeout_source_new_seconds (WATCH_EVERY_S);
  g_source_set_callback (self->watch, on_watch, self, NULL);
  g_source_attach (self->watch, g_main_context_get_thread_default ());
  return self;
}

void
souk_provider_start (SoukProvider *self)
{
  if (self->settings.is_enabled)
    check_sandbox (self);
}

void
souk_provider_free (SoukProvider *self)
{
  if (self == NULL)
    return;
  g_source_destroy (self->watch);
  g_source_unref (self->watch);
  g_ptr_array_unref (self->waiting);
  g_free (self->sandbox_problem);
  g_free (self->data_dir);
  g_free (self);
}
