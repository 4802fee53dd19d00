/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Listings: what may be said of a prompt.
 */
#include "fixture.h"

#include <string.h>

static SoukStatus
check (const SoukListing *listing)
{
  SoukAddress wallet = fix_wallet (1);
  return souk_listing_check (listing, &wallet);
}

static void
replace (char **field, const char *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

static void
test_round_trip (void)
{
  g_autoptr (SoukListing) listing = fix_listing (FIX_PRICE, NULL);
  g_autoptr (SoukRecord) record = fix_listing_record (1, listing);
  g_autoptr (SoukListing) again = NULL;
  souk_assert_status (souk_listing_from_record (record, &again), OK);
  g_assert_cmpstr (again->title, ==, listing->title);
  g_assert_cmpstr (again->description, ==, listing->description);
  g_assert_true (
      g_strv_equal ((const char *const *)again->tags, (const char *const *)listing->tags));
  g_assert_cmpint (souk_wei_compare (again->price, listing->price), ==, 0);
  g_assert_true (souk_cid_is_equal (&again->cid, &listing->cid));
  g_assert_cmpmem (again->key_commitment, 32, listing->key_commitment, 32);
  g_autoptr (GBytes) one = souk_listing_to_body (listing);
  g_autoptr (GBytes) two = souk_listing_to_body (again);
  g_assert_true (g_bytes_equal (one, two));
}

static void
test_texts (void)
{
  g_autoptr (SoukListing) listing = fix_listing ("0", NULL);
  g_autofree char *long_title = g_strnfill (SOUK_TITLE_MAX + 1, 'a');
  souk_assert_status (check (listing), OK);
  replace (&listing->title, "");
  souk_assert_status (check (listing), LISTING_TEXT);
  replace (&listing->title, "two\nlines");
  souk_assert_status (check (listing), LISTING_TEXT);
  replace (&listing->title, "bad \xff byte");
  souk_assert_status (check (listing), LISTING_TEXT);
  replace (&listing->title, long_title);
  souk_assert_status (check (listing), LISTING_TEXT);
  replace (&listing->title, "Ünïcödé is fine");
  souk_assert_status (check (listing), OK);
  replace (&listing->sample, "escape \x1b[31m");
  souk_assert_status (check (listing), LISTING_TEXT);
}

static void
test_tags_and_category (void)
{
  g_autoptr (SoukListing) listing = fix_listing ("0", NULL);
  g_strfreev (listing->tags);
  listing->tags = g_strsplit ("a,,b", ",", -1);
  souk_assert_status (check (listing), LISTING_TAGS);
  g_strfreev (listing->tags);
  listing->tags = g_strsplit ("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", ",", -1);
  souk_assert_status (check (listing), LISTING_TAGS);
  g_strfreev (listing->tags);
  listing->tags = g_new0 (char *, 1);
  souk_assert_status (check (listing), OK);
  replace (&listing->category, "my-own-2");
  souk_assert_status (check (listing), OK);
  replace (&listing->category, "Writing");
  souk_assert_status (check (listing), LISTING_CATEGORY);
  replace (&listing->category, "-x");
  souk_assert_status (check (listing), LISTING_CATEGORY);
  for (size_t i = 0; souk_listing_categories ()[i] != NULL; i++)
    g_assert_true (souk_category_is_valid (souk_listing_categories ()[i]));
}

static void
test_priced (void)
{
  g_autoptr (SoukListing) listing = fix_listing (FIX_PRICE, NULL);
  SoukAddress nobody = { 0 };
  souk_assert_status (check (listing), OK);
  souk_assert_status (souk_listing_check (listing, &nobody), LISTING_CHAIN);
  SoukListing changed = *listing;
  changed.chain_id = 0;
  souk_assert_status (check (&changed), LISTING_CHAIN);
  changed = *listing;
  changed.contract = nobody;
  souk_assert_status (check (&changed), LISTING_CHAIN);
  changed = *listing;
  memset (changed.key_commitment, 0, 32);
  souk_assert_status (check (&changed), LISTING_CHAIN);
  changed = *listing;
  changed.deliver_within_s = SOUK_WINDOW_S_MIN - 1;
  souk_assert_status (check (&changed), LISTING_WINDOW);
  changed = *listing;
  changed.confirm_window_s = SOUK_WINDOW_S_MAX + 1;
  souk_assert_status (check (&changed), LISTING_WINDOW);
  changed = *listing;
  changed.size_bytes = 40;
  souk_assert_status (check (&changed), LISTING_CONTENT);
}

static void
test_free (void)
{
  g_autoptr (SoukListing) listing = fix_listing ("0", NULL);
  SoukAddress nobody = { 0 };
  souk_assert_status (souk_listing_check (listing, &nobody), OK);
  SoukListing changed = *listing;
  changed.chain_id = 1;
  souk_assert_status (check (&changed), LISTING_CHAIN);
  changed = *listing;
  changed.key_commitment[0] = 1;
  souk_assert_status (check (&changed), LISTING_CHAIN);
  changed = *listing;
  changed.confirm_window_s = 600;
  souk_assert_status (check (&changed), LISTING_WINDOW);
  changed = *listing;
  changed.size_bytes = SOUK_PROMPT_SIZE_MAX + 1;
  souk_assert_status (check (&changed), LISTING_CONTENT);
  changed.size_bytes = 0;
  souk_assert_status (check (&changed), LISTING_CONTENT);
}

static void
test_wrong_records (void)
{
  g_autoptr (SoukListing) listing = fix_listing ("0", NULL);
  g_autoptr (GBytes) body = souk_listing_to_body (listing);
  g_autoptr (GBytes) rubbish = g_bytes_new_static ("\x0a\x7f", 2);
  g_autoptr (SoukListing) out = NULL;
  g_autoptr (SoukRecord) job = fix_record (1, SOUK_RECORD_JOB, "k", 1, body, false);
  souk_assert_status (souk_listing_from_record (job, &out), RECORD_BODY);
  g_autoptr (SoukRecord) tombstone = fix_tombstone (1, SOUK_RECORD_LISTING, "k", 1);
  souk_assert_status (souk_listing_from_record (tombstone, &out), RECORD_BODY);
  g_autoptr (SoukRecord) broken = fix_record (1, SOUK_RECORD_LISTING, "k", 1, rubbish, false);
  souk_assert_status (souk_listing_from_record (broken, &out), BAD_ENCODING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/listing/a-listing-is-read-as-it-was-built", test_round_trip);
  g_test_add_func ("/market/listing/texts-are-clean-utf-8-of-some-length", test_texts);
  g_test_add_func ("/market/listing/tags-are-few-and-a-category-is-a-word", test_tags_and_category);
  g_test_add_func ("/market/listing/a-price-needs-wallet-chain-contract-and-commitment",
                   test_priced);
  g_test_add_func ("/market/listing/a-free-listing-has-none-of-them", test_free);
  g_test_add_func ("/market/listing/other-records-are-no-listings", test_wrong_records);
  return g_test_run ();
}
