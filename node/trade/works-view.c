/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Work as replies and events show it: the shape "Job", role provider. See works.h.
 */
#include "trade/works-private.h"

#include "api/values.h"
#include "market/work-table.h"

#include <string.h>

/* The phase, why it came to that, and what went wrong in detail. */
static char *
sentence_of (const SoukWork *work)
{
  g_autoptr (GString) text = g_string_new (souk_work_phase_sentence (work->phase));
  if (work->reason != SOUK_WORK_REASON_NONE)
    g_string_append_printf (text, " %s", souk_work_reason_sentence (work->reason));
  if (work->detail[0] != '\0')
    g_string_append_printf (text, " %s", work->detail);
  if (work->result.failure != SOUK_JOB_FAILURE_NONE
      && strcmp (work->result.sentence, work->detail) != 0)
    g_string_append_printf (text, " %s",
                            work->result.sentence[0] != '\0'
                                ? work->result.sentence
                                : souk_job_failure_sentence (work->result.failure));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* is_final waits for the last transaction, whose cost is a part of the work. */
static void
set_money (const SoukTradeContext *context, const SoukWork *work, JsonObject *object)
{
  SoukMoneyOwner owner = { .kind = "work" };
  SoukWei fee, net;
  memcpy (owner.id, work->id, sizeof owner.id);
  souk_json_set_coins (object, "price", work->bid.price);
  souk_json_set_wei (object, "price_wei", work->bid.price);
  souk_wei_split_fee (work->bid.price, &fee, &net);
  souk_json_set_wei (object, "fee_wei", fee);
  souk_json_set_wei (object, "net_wei", net);
  bool has_money = context->money != NULL && work->bid.has_terms;
  json_object_set_boolean_member (
      object, "is_final",
      souk_work_is_over (work) && !(has_money && souk_money_has_open_tx (context->money, &owner)));
  souk_json_set_wei (object, "gas_wei",
                     has_money ? souk_money_gas_spent (context->money, &owner) : SOUK_WEI_ZERO);
  if (work->bid.has_terms)
    souk_json_set_hash (object, "deal", work->deal);
  json_object_set_array_member (object, "transactions",
                                has_money ? souk_money_transactions (context->money, &owner)
                                          : json_array_new ());
}

static void
set_result (const SoukWork *work, JsonObject *object)
{
  if (work->result.failure != SOUK_JOB_FAILURE_NONE)
    json_object_set_string_member (object, "failure", souk_job_failure_name (work->result.failure));
  if (!work->has_result)
    return;
  json_object_set_int_member (object, "exit_code", work->result.exit_code);
  souk_json_set_cid (object, "result_cid", &work->result.cid);
  json_object_set_int_member (object, "fuel", (gint64)MIN (work->result.fuel, INT64_MAX));
}

static const char *
phase_name (uint32_t phase)
{
  return souk_work_phase_name ((SoukWorkPhase)phase);
}

JsonObject *
souk_work_json (const SoukTradeContext *context, const SoukWork *work, const char *line)
{
  JsonObject *object = json_object_new ();
  const char *then;
  SoukWall deadline = souk_work_deadline (work, &then);
  bool is_over = souk_work_is_over (work);
  g_autofree char *id = souk_hex_encode (souk_slice (work->id, sizeof work->id));
  g_autofree char *sentence = sentence_of (work);
  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "title", work->spec->title);
  json_object_set_string_member (object, "role", "provider");
  json_object_set_string_member (object, "phase", souk_work_phase_name (work->phase));
  json_object_set_string_member (object, "sentence", sentence);
  souk_json_set_cid (object, "module", &work->spec->module);
  souk_json_set_coins (object, "max_price", work->spec->max_price);
  souk_json_set_peer (object, "requester", &work->requester);
  souk_json_set_peer (object, "provider", &work->bid.peer);
  json_object_set_int_member (object, "attempt", 1);
  if (line != NULL && line[0] != '\0')
    json_object_set_string_member (object, "progress", line);
  set_money (context, work, object);
  set_result (work, object);
  if (!is_over && deadline.us != SOUK_WALL_NEVER.us)
    {
      souk_json_set_time (object, "deadline", deadline);
      json_object_set_string_member (object, "then", then);
    }
  souk_json_set_time (object, "created", work->timeline.entries[0].at);
  json_object_set_array_member (object, "bids", json_array_new ());
  json_object_set_array_member (object, "timeline",
                                souk_timeline_json (&work->timeline, phase_name));
  return object;
}
