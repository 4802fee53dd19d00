/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records, the bodies in them, and bids, from any bytes. What is taken is built again the same.
 */
#include "market/bid.h"
#include "market/catalogue.h"
#include "market/job-spec.h"
#include "market/listing.h"
#include "market/provider-info.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const SoukWall now = { INT64_C (1800000000) * SOUK_US_PER_S };

static void
read_record (SoukSlice in)
{
  g_autoptr (SoukRecord) record = NULL;
  g_autoptr (SoukRecord) kept = NULL;
  (void)souk_record_decode (in, now, &record);
  if (souk_record_decode_kept (in, &kept) == SOUK_STATUS_OK)
    (void)souk_record_check_body (kept);
}

static void
assert_same (GBytes *bytes, SoukSlice in)
{
  g_assert (souk_slice_is_equal (souk_slice_from_bytes (bytes), in));
  g_bytes_unref (bytes);
}

static void
read_body (SoukRecordType type, SoukSlice in)
{
  SoukRecord record = { .type = type, .body = souk_slice_to_bytes (in), .expires = 1900000000 };
  record.wallet.bytes[0] = 1;
  g_autoptr (SoukListing) listing = NULL;
  g_autoptr (SoukJobSpec) spec = NULL;
  g_autoptr (SoukProviderInfo) info = NULL;
  if (souk_listing_from_record (&record, &listing) == SOUK_STATUS_OK)
    assert_same (souk_listing_to_body (listing), in);
  if (souk_job_spec_from_record (&record, &spec) == SOUK_STATUS_OK)
    assert_same (souk_job_spec_to_body (spec), in);
  if (souk_provider_info_from_record (&record, &info) == SOUK_STATUS_OK)
    assert_same (souk_provider_info_to_body (info), in);
  g_bytes_unref (record.body);
}

static void
read_bid (SoukSlice in)
{
  SoukPeerId peer = { 0 };
  SoukBid bid;
  if (souk_bid_from_bytes (in, &peer, &bid) == SOUK_STATUS_OK)
    assert_same (souk_bid_to_bytes (&bid), in);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  SoukSlice in = souk_slice (data + 1, size - 1);
  switch (data[0] % 5)
    {
    case 0:
      read_record (in);
      break;
    case 1:
      read_bid (in);
      break;
    case 2:
      read_body (SOUK_RECORD_LISTING, in);
      break;
    case 3:
      read_body (SOUK_RECORD_JOB, in);
      break;
    case 4:
      read_body (SOUK_RECORD_PROVIDER, in);
      break;
    }
  return 0;
}
