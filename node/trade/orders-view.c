/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An order as people and programs see it. GLIB, node thread. See orders-private.h.
 */
#include "trade/orders-private.h"

#include "api/values.h"

/* True for phases that a person asks "why" about. */
static bool
has_reason_to_tell (const SoukOrder *machine)
{
  return machine->reason != SOUK_ORDER_REASON_NONE && machine->phase != SOUK_ORDER_COMPLETE
         && machine->phase != SOUK_ORDER_PAID;
}

/* Returns: (transfer full): the phase in words, then why, then the other side's or the chain's words. */
static char *
sentence_of (const SoukOrder *machine)
{
  GString *text = g_string_new (NULL);
  if (machine->phase == SOUK_ORDER_COMPLETE)
    g_string_append (text, "Done: the text is yours; open the prompt to read it.");
  else
    g_string_append (text, souk_order_phase_sentence (machine->phase));
  if (has_reason_to_tell (machine))
    {
      g_string_append_c (text, ' ');
      g_string_append (text, souk_order_reason_sentence (machine->reason));
    }
  if (machine->detail[0] != '\0' && has_reason_to_tell (machine))
    {
      g_string_append_c (text, ' ');
      g_string_append (text, machine->detail);
    }
  return g_string_free_and_steal (text);
}

/* What the owner and the seller get: as it was settled, or as it will be. */
static void
set_split (JsonObject *object, const SoukOrder *machine)
{
  SoukWei fee, net;
  if (machine->settlement.end != SOUK_END_NONE)
    {
      fee = machine->settlement.fee;
      net = machine->settlement.to_payee;
    }
  else
    souk_wei_split_fee (machine->price, &fee, &net);
  souk_json_set_wei (object, "fee_wei", fee);
  souk_json_set_wei (object, "net_wei", net);
}

static void
set_timeline (JsonObject *object, const SoukTimeline *timeline)
{
  JsonArray *entries = json_array_new ();
  for (uint32_t i = 0; i < timeline->len; i++)
    {
      JsonObject *entry = json_object_new ();
      SoukOrderPhase phase = (SoukOrderPhase)timeline->entries[i].phase;
      json_object_set_string_member (entry, "phase", souk_order_phase_name (phase));
      souk_json_set_time (entry, "time", timeline->entries[i].at);
      json_array_add_object_element (entries, entry);
    }
  json_object_set_array_member (object, "timeline", entries);
}

/* Gas and hashes; is_final waits for the last transaction, whose cost is a part of the order. */
static void
set_chain (JsonObject *object, SoukOrders *self, const SoukOrder *machine)
{
  SoukMoney *money = self->context.money;
  SoukMoneyOwner owner = souk_orders_owner (machine);
  bool is_over = souk_order_is_over (machine);
  if (machine->has_offer)
    souk_json_set_hash (object, "deal", machine->deal);
  if (money == NULL)
    {
      json_object_set_boolean_member (object, "is_final", is_over);
      souk_json_set_wei (object, "gas_wei", SOUK_WEI_ZERO);
      json_object_set_array_member (object, "transactions", json_array_new ());
      return;
    }
  json_object_set_boolean_member (object, "is_final",
                                  is_over && !souk_money_has_open_tx (money, &owner));
  souk_json_set_wei (object, "gas_wei", souk_money_gas_spent (money, &owner));
  json_object_set_array_member (object, "transactions", souk_money_transactions (money, &owner));
}

JsonObject *
souk_orders_json (SoukOrders *self, const SoukOrder *machine)
{
  JsonObject *object = json_object_new ();
  g_autofree char *id = souk_hex_encode (souk_slice (machine->id, sizeof machine->id));
  g_autofree char *listing = souk_thing_to_string (machine->thing);
  g_autofree char *sentence = sentence_of (machine);
  const char *then;
  SoukWall deadline = souk_order_deadline (machine, &then);

  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "listing", listing);
  json_object_set_string_member (object, "title", machine->title);
  json_object_set_string_member (object, "role",
                                 machine->role == SOUK_ORDER_BUYER ? "buyer" : "seller");
  souk_json_set_peer (object, "counterparty", &machine->peer);
  json_object_set_string_member (object, "phase", souk_order_phase_name (machine->phase));
  json_object_set_string_member (object, "sentence", sentence);
  souk_json_set_coins (object, "price", machine->price);
  souk_json_set_wei (object, "price_wei", machine->price);
  set_split (object, machine);
  set_chain (object, self, machine);
  if (deadline.us != SOUK_WALL_NEVER.us)
    {
      souk_json_set_time (object, "deadline", deadline);
      json_object_set_string_member (object, "then", then);
    }
  souk_json_set_time (object, "created", machine->timeline.entries[0].at);
  set_timeline (object, &machine->timeline);
  return object;
}
