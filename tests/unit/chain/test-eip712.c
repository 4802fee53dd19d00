/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * EIP-712: our three structs against digests that ethers made, and foreign vectors of any shape.
 */
#include "chain/eip712.h"
#include "terms-of-json.h"

static void
digests_of_our_terms_are_those_of_another_implementation (void)
{
  g_autoptr (JsonNode) root = load_own_vectors ("eip712.json");
  JsonArray *rows = json_node_get_array (root);

  g_assert_cmpuint (json_array_get_length (rows), ==, 24);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      JsonObject *message = json_object_get_object_member (row, "message");
      const char *type = text_of (row, "type");
      SoukDomain domain = { g_ascii_strtoull (text_of (row, "chainId"), NULL, 10),
                            address_of (text_of (row, "contract")) };
      bool is_offer = g_str_equal (type, "Offer");
      uint8_t hash[32];

      souk_domain_separator (
          &domain, is_offer ? SOUK_ESCROW_MARKET_PROMPT : SOUK_ESCROW_MARKET_COMPUTE, hash);
      assert_hex (souk_slice (hash, 32), text_of (row, "domainSeparator"));
      if (is_offer)
        {
          SoukOfferTerms terms = offer_of (message);
          souk_offer_digest (&domain, &terms, hash);
        }
      else if (g_str_equal (type, "Bid"))
        {
          SoukBidTerms terms = bid_of (message);
          souk_bid_digest (&domain, &terms, hash);
        }
      else
        {
          SoukReceiptTerms terms = receipt_of (message);
          souk_receipt_digest (&domain, &terms, hash);
        }
      assert_hex (souk_slice (hash, 32), text_of (row, "digest"));
    }
}

/* ---- typed data of any shape ---- */

/* The table of a row's "types"; everything is owned by the row and by `members`. */
static void
table_of (JsonObject *types, GArray *structs, GPtrArray *members)
{
  g_autoptr (GList) names = json_object_get_members (types);
  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonArray *list = json_object_get_array_member (types, l->data);
      guint count = json_array_get_length (list);
      SoukTypedMember *array = g_new0 (SoukTypedMember, count + 1);
      for (guint i = 0; i < count; i++)
        {
          JsonObject *member = json_array_get_object_element (list, i);
          array[i] = (SoukTypedMember){ text_of (member, "name"), text_of (member, "type") };
        }
      SoukTypedStruct each = { l->data, array, count };
      g_ptr_array_add (members, array);
      g_array_append_val (structs, each);
    }
}

static SoukAbiValue *typed_value (JsonObject *types, const char *type, JsonNode *node);

static SoukAbiValue *
struct_value (JsonArray *members, JsonObject *types, JsonObject *data)
{
  SoukAbiValue *list = souk_abi_value_new_list ();
  for (guint i = 0; i < json_array_get_length (members); i++)
    {
      JsonObject *member = json_array_get_object_element (members, i);
      souk_abi_value_add (list,
                          typed_value (types, text_of (member, "type"),
                                       json_object_get_member (data, text_of (member, "name"))));
    }
  return list;
}

static SoukAbiValue *
typed_value (JsonObject *types, const char *type, JsonNode *node)
{
  const char *bracket = strrchr (type, '[');
  if (bracket != NULL)
    {
      g_autofree char *inner = g_strndup (type, (gsize)(bracket - type));
      SoukAbiValue *list = souk_abi_value_new_list ();
      JsonArray *items = json_node_get_array (node);
      for (guint i = 0; i < json_array_get_length (items); i++)
        souk_abi_value_add (list, typed_value (types, inner, json_array_get_element (items, i)));
      return list;
    }
  if (json_object_has_member (types, type))
    return struct_value (json_object_get_array_member (types, type), types,
                         json_node_get_object (node));
  g_autoptr (SoukAbiType) elementary = NULL;
  g_assert_cmpint (souk_abi_type_parse (type, &elementary), ==, SOUK_STATUS_OK);
  return elementary_value (elementary, node);
}

/* A document's domain has those of the five members that it names, in the standard's order. */
static void
hash_domain (JsonObject *domain, uint8_t out[32])
{
  static const SoukTypedMember standard[] = {
    { "name", "string" },     { "version", "string" },
    { "chainId", "uint256" }, { "verifyingContract", "address" },
    { "salt", "bytes32" },
  };
  SoukTypedMember members[G_N_ELEMENTS (standard)];
  size_t count = 0;
  g_autoptr (SoukAbiValue) value = souk_abi_value_new_list ();
  for (size_t i = 0; i < G_N_ELEMENTS (standard); i++)
    if (json_object_has_member (domain, standard[i].name))
      {
        g_autoptr (SoukAbiType) type = NULL;
        g_assert_cmpint (souk_abi_type_parse (standard[i].type, &type), ==, SOUK_STATUS_OK);
        souk_abi_value_add (
            value, elementary_value (type, json_object_get_member (domain, standard[i].name)));
        members[count++] = standard[i];
      }
  SoukTypedStruct domain_struct = { "EIP712Domain", members, count };
  SoukTypedTable table = { &domain_struct, 1 };
  g_assert_cmpint (souk_typed_hash_struct (&table, "EIP712Domain", value, out), ==, SOUK_STATUS_OK);
}

static void
typed_data_of_any_shape_has_the_right_digest (void)
{
  g_autoptr (JsonNode) root = load_testcases ("eip712");
  if (root == NULL)
    return;
  JsonArray *rows = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      JsonObject *types = json_object_get_object_member (row, "types");
      const char *primary = text_of (row, "primaryType");
      g_autoptr (GArray) structs = g_array_new (FALSE, FALSE, sizeof (SoukTypedStruct));
      g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func (g_free);
      uint8_t domain[32];
      uint8_t hash[32];

      table_of (types, structs, members);
      SoukTypedTable table = { (const SoukTypedStruct *)(void *)structs->data, structs->len };
      g_autoptr (SoukAbiValue) value
          = typed_value (types, primary, json_object_get_member (row, "data"));
      hash_domain (json_object_get_object_member (row, "domain"), domain);
      g_assert_cmpint (souk_typed_hash_struct (&table, primary, value, hash), ==, SOUK_STATUS_OK);
      souk_typed_digest (domain, hash, hash);
      assert_hex (souk_slice (hash, 32), text_of (row, "digest"));
    }
  g_test_message ("%u digests", json_array_get_length (rows));
}

static void
unknown_types_wrong_shapes_and_endless_structs_are_refused (void)
{
  const SoukTypedMember self_member[] = { { "next", "Node" } };
  const SoukTypedMember odd_member[] = { { "x", "uint7" } };
  const SoukTypedStruct structs[] = { { "Node", self_member, 1 }, { "Odd", odd_member, 1 } };
  SoukTypedTable table = { structs, 2 };
  g_autoptr (SoukAbiValue) empty = souk_abi_value_new_list ();
  g_autoptr (SoukAbiValue) word = souk_abi_value_new_list ();
  SoukAbiValue *deep = souk_abi_value_new_list ();
  uint8_t hash[32];

  souk_abi_value_add (word, souk_abi_value_new_u256 (SOUK_U256_ZERO));
  for (int i = 0; i < 40; i++)
    {
      SoukAbiValue *outer = souk_abi_value_new_list ();
      souk_abi_value_add (outer, deep);
      deep = outer;
    }
  g_assert_cmpint (souk_typed_hash_struct (&table, "None", empty, hash), ==,
                   SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (souk_typed_hash_struct (&table, "Node", empty, hash), ==,
                   SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (souk_typed_hash_struct (&table, "Node", word, hash), ==,
                   SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (souk_typed_hash_struct (&table, "Odd", word, hash), ==,
                   SOUK_STATUS_BAD_ENCODING);
  g_assert_cmpint (souk_typed_hash_struct (&table, "Node", deep, hash), ==, SOUK_STATUS_LIMIT);
  souk_abi_value_free (deep);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/eip712/digests-of-our-terms-are-those-of-another-implementation",
                   digests_of_our_terms_are_those_of_another_implementation);
  g_test_add_func ("/chain/eip712/typed-data-of-any-shape-has-the-right-digest",
                   typed_data_of_any_shape_has_the_right_digest);
  g_test_add_func ("/chain/eip712/unknown-types-wrong-shapes-and-endless-structs-are-refused",
                   unknown_types_wrong_shapes_and_endless_structs_are_refused);
  return g_test_run ();
}
