/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calldata, byte for byte as ethers makes it from the contracts' ABI, and the views' answers.
 */
#include "chain/calls.h"
#include "terms-of-json.h"

typedef struct {
  JsonNode *root;
  JsonArray *calls;
  unsigned checked;
} Calls;

/* Consumes `data`. */
static void
check (Calls *self, const char *name, GBytes *data)
{
  for (guint i = 0; i < json_array_get_length (self->calls); i++)
    {
      JsonObject *row = json_array_get_object_element (self->calls, i);
      if (g_str_equal (text_of (row, "name"), name))
        {
          assert_hex (souk_slice_from_bytes (data), text_of (row, "data"));
          self->checked++;
          g_bytes_unref (data);
          return;
        }
    }
  g_error ("no vector for %s", name);
}

static void
calldata_is_that_of_another_implementation (void)
{
  g_autoptr (JsonNode) root = load_own_vectors ("chain-calls.json");
  JsonObject *object = json_node_get_object (root);
  JsonObject *a = json_object_get_object_member (object, "arguments");
  Calls calls = { root, json_object_get_array_member (object, "calls"), 0 };
  SoukOfferTerms offer = offer_of (json_object_get_object_member (a, "offer"));
  SoukBidTerms bid = bid_of (json_object_get_object_member (a, "bid"));
  SoukAddress a1 = address_of (text_of (a, "a1"));
  SoukAddress a2 = address_of (text_of (a, "a2"));
  SoukReceiptTerms receipt = { .amount = member_u256 (a, "n1") };
  g_autoptr (GBytes) signature_bytes = hex_of (text_of (a, "signature"));
  SoukSlice signature = souk_slice_from_bytes (signature_bytes);
  uint8_t w1[32];
  uint8_t w2[32];

  member_bytes32 (a, "w1", w1);
  member_bytes32 (a, "w2", w2);
  memcpy (receipt.result_hash, w1, 32);
  check (&calls, "prompt.buy", souk_call_buy (&offer, signature, SOUK_SLICE_EMPTY));
  check (&calls, "prompt.deliver", souk_call_deliver (&offer, w1));
  check (&calls, "prompt.release", souk_call_offer_release (&offer));
  check (&calls, "prompt.refund", souk_call_offer_refund (&offer));
  check (&calls, "prompt.cancel", souk_call_offer_cancel (&offer));
  check (&calls, "prompt.dispute", souk_call_offer_dispute (&offer, w1));
  check (&calls, "prompt.resolve", souk_call_offer_resolve (&offer, 2500, w1));
  check (&calls, "prompt.proveMismatch", souk_call_prove_mismatch (&offer, w1, w2));
  check (&calls, "compute.accept",
         souk_call_accept (&bid, signature, SOUK_SLICE_LITERAL ("\1\2\3")));
  check (&calls, "compute.submit", souk_call_submit (&bid, w1));
  check (&calls, "compute.settle", souk_call_settle (&bid, &receipt, signature));
  check (&calls, "compute.release", souk_call_bid_release (&bid));
  check (&calls, "compute.refund", souk_call_bid_refund (&bid));
  check (&calls, "compute.cancel", souk_call_bid_cancel (&bid));
  check (&calls, "compute.dispute", souk_call_bid_dispute (&bid, w1));
  check (&calls, "compute.resolve", souk_call_bid_resolve (&bid, 2500, true, w1));
  check (&calls, "prompt.withdraw", souk_call_withdraw (&a1, &a2));
  check (&calls, "prompt.deposit", souk_call_deposit (&a1, receipt.amount, SOUK_SLICE_EMPTY));
  check (&calls, "prompt.bumpCounter", souk_call_bump_counter ());
  check (&calls, "prompt.stateOf", souk_call_state_of (w1));
  check (&calls, "prompt.credit", souk_call_credit (&a1, &a2));
  check (&calls, "prompt.counter", souk_call_counter (&a1));
  check (&calls, "prompt.cancelled", souk_call_cancelled (w1));
  check (&calls, "prompt.domainSeparator", souk_call_domain_separator ());
  check (&calls, "prompt.owner", souk_call_owner ());
  g_assert_cmpuint (calls.checked, ==, json_array_get_length (calls.calls));
}

static void
answers_are_read_exactly (void)
{
  uint8_t words[64] = { 0 };
  SoukEscrowState state;
  uint64_t deadline = 0;
  SoukU256 number;
  SoukAddress address;
  bool flag = false;

  words[31] = SOUK_ESCROW_DELIVERED;
  words[63] = 99;
  g_assert_cmpint (souk_answer_state_of (souk_slice (words, 64), &state, &deadline), ==,
                   SOUK_STATUS_OK);
  g_assert_cmpint (state, ==, SOUK_ESCROW_DELIVERED);
  g_assert_cmpuint (deadline, ==, 99);
  g_assert_cmpint (souk_answer_state_of (souk_slice (words, 63), &state, &deadline), ==,
                   SOUK_STATUS_SHORT_READ);
  g_assert_cmpint (souk_answer_u256 (souk_slice (words, 64), &number), ==,
                   SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (souk_answer_bool (souk_slice (words, 32), &flag), ==, SOUK_STATUS_BAD_ENCODING);
  words[31] = 7;
  g_assert_cmpint (souk_answer_state_of (souk_slice (words, 64), &state, &deadline), ==,
                   SOUK_STATUS_BAD_ENCODING);
  words[31] = 1;
  g_assert_cmpint (souk_answer_bool (souk_slice (words, 32), &flag), ==, SOUK_STATUS_OK);
  g_assert_true (flag);
  words[11] = 1;
  g_assert_cmpint (souk_answer_address (souk_slice (words, 32), &address), ==,
                   SOUK_STATUS_BAD_ENCODING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/calls/calldata-is-that-of-another-implementation",
                   calldata_is_that_of_another_implementation);
  g_test_add_func ("/chain/calls/answers-are-read-exactly", answers_are_read_exactly);
  return g_test_run ();
}
