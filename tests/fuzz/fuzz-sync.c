/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Catalogue sync, in two ways. Either a side gets any messages: it must refuse or answer them, and
 * never owe an item twice. Or two honest sides with sets that the input makes must end with every
 * difference found.
 */
#include "mesh/sync.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define ITEMS_MAX 600

static SoukSyncItem
item_of (unsigned number, unsigned buckets)
{
  SoukSyncItem item = { .bucket = number % buckets };
  uint32_t mixed = number * 2654435761u;
  memcpy (item.id, &mixed, sizeof mixed);
  memcpy (item.id + 4, &number, sizeof number);
  return item;
}

/* Takes all that is owed. Returns: how many; each one once. */
static size_t
take_owed (SoukSync *sync, GHashTable *seen)
{
  size_t count = 0;
  for (SoukSyncItem item; souk_sync_next_owed (sync, &item); count++)
    {
      unsigned number;
      memcpy (&number, item.id + 4, sizeof number);
      g_assert (g_hash_table_add (seen, GUINT_TO_POINTER (number + 1)));
    }
  return count;
}

static void
any_messages (SoukReader *in, SoukSyncSet *set, bool is_initiator)
{
  SoukSeededRng rng;
  souk_seeded_rng_init_number (&rng, 1);
  SoukSync *sync
      = is_initiator ? souk_sync_new_initiator (set, &rng.rng) : souk_sync_new_responder (set);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  while (souk_reader_ok (in) && in->left > 0 && !souk_sync_is_done (sync))
    {
      GBytes *message = souk_sync_take_message (sync);
      if (message != NULL)
        {
          g_assert (g_bytes_get_size (message) <= SOUK_SYNC_MESSAGE_SIZE_MAX);
          g_bytes_unref (message);
        }
      if (souk_sync_recv (sync, souk_reader_varint_bytes (in)) != SOUK_STATUS_OK)
        break;
      take_owed (sync, seen);
    }
  souk_sync_free (sync);
}

static void
two_sides (SoukSyncSet *sets[2], const size_t only[2])
{
  SoukSeededRng rng;
  souk_seeded_rng_init_number (&rng, 2);
  SoukSync *sides[2]
      = { souk_sync_new_initiator (sets[0], &rng.rng), souk_sync_new_responder (sets[1]) };
  GBytes *message;
  for (int turn = 0; (message = souk_sync_take_message (sides[turn])) != NULL; turn = 1 - turn)
    {
      g_assert (souk_sync_recv (sides[1 - turn], souk_slice_from_bytes (message))
                == SOUK_STATUS_OK);
      g_bytes_unref (message);
    }
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
      g_assert (souk_sync_is_done (sides[i]));
      g_assert (take_owed (sides[i], seen) == only[i]);
      g_assert (souk_sync_expected (sides[i]) == only[1 - i]);
    }
  souk_sync_free (sides[0]);
  souk_sync_free (sides[1]);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SoukReader in = souk_reader (souk_slice (data, size));
  uint8_t flags = souk_reader_u8 (&in);
  unsigned count = souk_reader_u16_be (&in) % ITEMS_MAX;
  unsigned buckets = 1 + souk_reader_u8 (&in);
  SoukSyncSet *sets[2];
  size_t only[2] = { 0, 0 };
  GArray *items[2] = { g_array_new (FALSE, FALSE, sizeof (SoukSyncItem)),
                       g_array_new (FALSE, FALSE, sizeof (SoukSyncItem)) };
  for (unsigned i = 0; i < count; i++)
    {
      SoukSyncItem item = item_of (i, buckets);
      /* Two bits for each item: where it is. Without input, on both sides. */
      uint8_t where = flags & 1 ? (souk_reader_u8 (&in) + 3) % 4 : 3;
      for (unsigned side = 0; side < 2; side++)
        if (where >> side & 1)
          g_array_append_val (items[side], item);
      only[0] += where == 1;
      only[1] += where == 2;
    }
  for (unsigned side = 0; side < 2; side++)
    sets[side] = souk_sync_set_new ((const SoukSyncItem *)(const void *)items[side]->data,
                                    items[side]->len);
  if (flags & 1)
    two_sides (sets, only);
  else
    any_messages (&in, sets[0], flags & 2);
  souk_sync_set_unref (sets[0]);
  souk_sync_set_unref (sets[1]);
  g_array_unref (items[0]);
  g_array_unref (items[1]);
  return 0;
}
