/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order machine under any stream of events, and its stored form from any bytes.
 *
 * An event is four bytes: kind, command, flags, a stretch of time. After each one the order is
 * stored and read again, and the law of the buyer holds: no payment before the content is fetched,
 * no release before it is opened.
 */
#include "fixture.h"
#include "market/order-table.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
read_state (SoukSlice in)
{
  g_autoptr (SoukOrder) order = NULL;
  if (souk_order_from_bytes (in, &order) != SOUK_STATUS_OK)
    return;
  g_autoptr (GBytes) bytes = souk_order_to_bytes (order);
  g_autoptr (SoukOrder) again = NULL;
  SoukStatus status = souk_order_from_bytes (souk_slice_from_bytes (bytes), &again);
  g_assert (status == SOUK_STATUS_OK);
  souk_order_tick (order, FIX_NOW);
  (void)souk_order_wake (order);
}

static SoukOrder *
restarted (SoukOrder *order)
{
  SoukOrder *again = NULL;
  g_autoptr (GBytes) bytes = souk_order_to_bytes (order);
  SoukStatus status = souk_order_from_bytes (souk_slice_from_bytes (bytes), &again);
  g_assert (status == SOUK_STATUS_OK);
  souk_order_free (order);
  return again;
}

static void
run (FixSale *sale, SoukOrder *order, const uint8_t *data, size_t size)
{
  SoukWall now = FIX_NOW;
  bool has_fetched = order->role == SOUK_ORDER_SELLER, has_opened = has_fetched;
  for (; size >= 4; data += 4, size -= 4)
    {
      SoukOrderEvent event = fix_offer_event (sale);
      event.kind = (SoukOrderEventKind)(data[0] % (SOUK_ORDER_EVENT_TIMEOUT + 1));
      event.command = (SoukOrderCommand)(data[1] % SOUK_ORDER_COMMAND_COUNT);
      event.is_final = (data[2] & 1) != 0;
      event.is_good = (data[2] & 2) != 0;
      event.deadline = FIX_NOW_S + 10 * (data[2] >> 2);
      event.settlement.end = (SoukDealEnd)(SOUK_END_RELEASED + (data[2] >> 4) % 3);
      event.reason = SOUK_ORDER_REASON_NO_FUNDS;
      if (event.kind == SOUK_ORDER_EVENT_DELIVERED && (data[2] & 4) == 0)
        memcpy (event.hash, sale->draft.key, 32);
      if (souk_order_apply (order, &event, now) == SOUK_STATUS_OK)
        {
          has_fetched |= event.kind == SOUK_ORDER_EVENT_FETCHED;
          has_opened |= event.kind == SOUK_ORDER_EVENT_OPENED && event.is_good;
        }
      now.us += data[3] * SOUK_US_PER_S;
      souk_order_tick (order, now);
      order = restarted (order);
      SoukOrderCommand command = souk_order_next_command (order, now);
      g_assert (command != SOUK_ORDER_COMMAND_SUBMIT_BUY || has_fetched);
      g_assert (command != SOUK_ORDER_COMMAND_SUBMIT_RELEASE || has_opened);
      g_assert (souk_order_wake (order).us > now.us || souk_order_tick (order, now)
                || command != SOUK_ORDER_COMMAND_NONE);
    }
  souk_order_free (order);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static FixSale paid, gift;
  if (paid.record == NULL)
    {
      fix_sale_init (&paid, FIX_PRICE);
      fix_sale_init (&gift, "0");
    }
  if (size < 1 || size > 4096)
    return 0;
  switch (data[0] % 4)
    {
    case 0:
      read_state (souk_slice (data + 1, size - 1));
      break;
    case 1:
      run (&paid, fix_buyer (&paid), data + 1, size - 1);
      break;
    case 2:
      run (&gift, fix_buyer (&gift), data + 1, size - 1);
      break;
    case 3:
      run (&paid, fix_seller (&paid), data + 1, size - 1);
      break;
    }
  return 0;
}
