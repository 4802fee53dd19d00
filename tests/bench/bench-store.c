/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast the store is, beside what the disk gives: batches against bare fdatasync(), blocks against
 * bare files, search over 100,000 listings, collecting garbage. Prints; judges nothing.
 *
 *   bench-store [FOLDER]   FOLDER is made and removed; it says which disk is measured
 */
#include "records-util.h"

#include "store/documents.h"
#include "store/gc.h"
#include "store/pins.h"
#include "store/search.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static double
since (int64_t start_us)
{
  return (double)(g_get_monotonic_time () - start_us) / 1e6;
}

static void
print_rate (const char *what, double count, double seconds, const char *unit)
{
  printf ("%-58s %10.0f %s\n", what, count / seconds, unit);
  fflush (stdout);
}

/* ---- batches ---- */

static void
bench_fdatasync (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "raw", NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  char page[4096] = { 1 };
  int64_t start_us = g_get_monotonic_time ();
  for (int i = 0; i < 500; i++)
    if (pwrite (fd, page, sizeof page, i * (off_t)sizeof page) < 0 || fdatasync (fd) != 0)
      g_error ("the disk failed");
  print_rate ("the disk: 4 KiB appended and fdatasync()", 500, since (start_us), "/s");
  close (fd);
}

typedef struct {
  SoukStore *store;
  uint32_t sent, done, total;
} Stream;

static SoukStoreBatch *
small_batch (SoukStore *store, uint32_t k)
{
  uint8_t body[500] = { 1 };
  SoukStoreBatch *batch = souk_store_batch_new (store);
  souk_documents_put (batch, "bench", souk_slice (&k, sizeof k), 0, (SoukWall){ k },
                      souk_slice (body, sizeof body));
  return batch;
}

static void
on_batch (const GError *error, gpointer user)
{
  Stream *stream = user;
  g_assert_no_error (error);
  stream->done++;
  if (stream->sent < stream->total)
    souk_store_commit (small_batch (stream->store, stream->sent++), on_batch, stream);
}

static void
bench_batches (const char *folder)
{
  g_autofree char *data = g_build_filename (folder, "batches", NULL);
  SoukStore *store = open_store (data);
  int64_t start_us = g_get_monotonic_time ();
  for (uint32_t k = 0; k < 500; k++)
    commit (small_batch (store, k));
  print_rate ("batches of one document, one after the other", 500, since (start_us), "/s");

  Stream stream = { store, 10000, 10000, 20000 };
  start_us = g_get_monotonic_time ();
  for (int i = 0; i < 64; i++)
    souk_store_commit (small_batch (store, stream.sent++), on_batch, &stream);
  while (stream.done < stream.total)
    g_main_context_iteration (NULL, TRUE);
  print_rate ("batches of one document, 64 under way", 10000, since (start_us), "/s");
  souk_store_close (store);
}

/* ---- blocks ---- */

static void
bench_files (const char *folder, size_t size, unsigned n)
{
  g_autoptr (GBytes) bytes = make_bytes (size, 1);
  int64_t start_us = g_get_monotonic_time ();
  for (unsigned i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/file%u", folder, i);
      int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
      if (write (fd, g_bytes_get_data (bytes, NULL), size) != (ssize_t)size || fdatasync (fd) != 0)
        g_error ("the disk failed");
      close (fd);
    }
  double seconds = since (start_us);
  g_autofree char *what
      = g_strdup_printf ("bare files of %zu KiB, written and fdatasync()", size / 1024);
  print_rate (what, (double)size * n / 1048576, seconds, "MiB/s");
}

static double
put_blocks (SoukStore *store, GPtrArray *blocks, unsigned per_batch)
{
  int64_t start_us = g_get_monotonic_time ();
  SoukStoreBatch *batch = NULL;
  for (guint i = 0; i < blocks->len; i++)
    {
      GBytes *bytes = g_ptr_array_index (blocks, i);
      SoukCid cid = cid_of (bytes);
      if (batch == NULL)
        batch = souk_store_batch_new (store);
      souk_blocks_put (batch, &cid, bytes, NULL);
      if ((i + 1) % per_batch == 0 || i + 1 == blocks->len)
        souk_store_commit (g_steal_pointer (&batch), NULL, NULL);
    }
  commit (souk_store_batch_new (store)); /* the last of them */
  return since (start_us);
}

static double
get_blocks (SoukStore *store, GPtrArray *blocks)
{
  int64_t start_us = g_get_monotonic_time ();
  for (guint i = 0; i < blocks->len; i++)
    {
      SoukCid cid = cid_of (g_ptr_array_index (blocks, i));
      g_autoptr (GBytes) back = souk_blocks_get (store, &cid, NULL);
      g_assert_nonnull (back);
    }
  return since (start_us);
}

/* `inline_bytes_max` decides whether they are rows or files. */
static void
bench_blocks (const char *folder, size_t size, unsigned n, unsigned per_batch,
              int64_t inline_bytes_max, const char *how)
{
  g_autofree char *data = g_strdup_printf ("%s/blocks-%s-%zu-%u", folder, how, size, per_batch);
  g_autoptr (GPtrArray) blocks = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  SoukStoreConfig config
      = { .data_dir = data, .links = toy_links, .inline_bytes_max = inline_bytes_max };
  SoukStore *store = souk_store_open (&config, NULL);
  double mib = (double)size * n / 1048576;
  for (unsigned i = 0; i < n; i++)
    g_ptr_array_add (blocks, make_bytes (size, i));

  g_autofree char *put
      = g_strdup_printf ("%zu KiB blocks as %s, %u a batch: put", size / 1024, how, per_batch);
  g_autofree char *get = g_strdup_printf ("%zu KiB blocks as %s: get, verified", size / 1024, how);
  print_rate (put, mib, put_blocks (store, blocks, per_batch), "MiB/s");
  if (per_batch > 1)
    print_rate (get, mib, get_blocks (store, blocks), "MiB/s");
  souk_store_close (store);
}

/* ---- search ---- */

static const char *const words[]
    = { "summary", "translate", "poem", "recipe", "invoice", "python", "resume", "haiku",
        "lesson",  "contract",  "logo", "story",  "travel",  "budget", "email",  "marketing" };
static const char *const categories[] = { "writing", "code", "art", "business", "education" };

static void
fill_catalogue (SoukStore *store, unsigned n)
{
  int64_t start_us = g_get_monotonic_time ();
  for (unsigned i = 0; i < n; i += 1000)
    {
      SoukStoreBatch *batch = souk_store_batch_new (store);
      for (unsigned k = i; k < i + 1000; k++)
        {
          unsigned r = k * 2654435761u;
          g_autofree char *thing = g_strdup_printf ("thing %u", k);
          g_autofree char *title
              = g_strdup_printf ("A %s %s prompt no%u", words[r % 16], words[(r >> 8) % 16], k);
          g_autofree char *description = g_strdup_printf (
              "Makes a %s from your %s. Works with every model, asks before it guesses, and keeps "
              "to the %s that you give it. Rare%u.",
              words[(r >> 12) % 16], words[(r >> 16) % 16], words[(r >> 20) % 16], r % 5000);
          Sample sample = { .thing = thing,
                            .sequence = 1,
                            .title = title,
                            .description = description,
                            .tags = words[(r >> 24) % 16],
                            .category = categories[(r >> 4) % 5],
                            .price = r % 1000,
                            .created_s = k,
                            .expires_s = 1000000,
                            .author = (uint8_t)(k % 64) };
          g_assert_cmpint (add_sample (batch, &sample), ==, SOUK_STATUS_OK);
        }
      commit (batch);
    }
  print_rate ("records put, 1000 a batch", n, since (start_us), "/s");
}

static void
bench_search (SoukStore *store, const char *what, SoukSearch search)
{
  search.type = SOUK_RECORD_LISTING;
  search.now_s = 500000;
  search.limit = 50;
  int64_t rows = 0, total = 0;
  int64_t start_us = g_get_monotonic_time ();
  for (int i = 0; i < 10; i++)
    {
      g_autoptr (SoukSearchResult) result = souk_records_search (store, &search);
      rows = result->rows->len;
      total = result->total;
    }
  printf ("search: %-50s %10.2f ms (%d rows of %d%s)\n", what, since (start_us) * 100, (int)rows,
          (int)total, total == SOUK_SEARCH_HITS_MAX ? "+" : "");
  fflush (stdout);
}

static void
bench_catalogue (const char *folder)
{
  g_autofree char *data = g_build_filename (folder, "catalogue", NULL);
  SoukStore *store = open_store (data);
  SoukPeerId author = peer_of (5);
  uint8_t price[32] = { [31] = 10 };

  fill_catalogue (store, 100000);
  bench_search (store, "everything, newest", (SoukSearch){ 0 });
  bench_search (store, "everything, cheapest", (SoukSearch){ .order = SOUK_SEARCH_CHEAPEST });
  bench_search (store, "a category", (SoukSearch){ .category = "art" });
  bench_search (
      store, "a category up to a price, cheapest",
      (SoukSearch){ .category = "art", .price_max = price, .order = SOUK_SEARCH_CHEAPEST });
  bench_search (store, "one author", (SoukSearch){ .author = &author });
  bench_search (store, "a word of 20 listings", (SoukSearch){ .text = "rare77 " });
  bench_search (store, "a word of a third", (SoukSearch){ .text = "poem" });
  bench_search (store, "a word of all", (SoukSearch){ .text = "prompt" });
  bench_search (store, "two words", (SoukSearch){ .text = "python haiku" });
  bench_search (store, "the beginning of a word", (SoukSearch){ .text = "po" });
  bench_search (store, "a word of all in a category",
                (SoukSearch){ .text = "prompt", .category = "art" });
  bench_search (store, "a word of all, one author",
                (SoukSearch){ .text = "prompt", .author = &author });
  bench_search (store, "a word of all up to a price",
                (SoukSearch){ .text = "prompt", .price_max = price });
  bench_search (store, "a word of all that is free",
                (SoukSearch){ .text = "prompt", .price_max = (uint8_t[32]){ 0 } });
  bench_search (store, "nothing found", (SoukSearch){ .text = "xyzzy" });
  int64_t start_us = g_get_monotonic_time ();
  GArray *refs = souk_records_refs (store, 500000);
  printf ("%-58s %10.2f ms (%u)\n", "ids for reconciliation", since (start_us) * 1e3, refs->len);
  g_array_unref (refs);
  souk_store_close (store);
  start_us = g_get_monotonic_time ();
  store = open_store (data);
  printf ("%-58s %10.2f ms\n", "open, 100,000 listings, stopped in order", since (start_us) * 1e3);
  souk_store_close (store);
  g_autofree char *lock = g_build_filename (data, "lock", NULL);
  g_file_set_contents (lock, "1\n", -1, NULL);
  start_us = g_get_monotonic_time ();
  store = open_store (data);
  printf ("%-58s %10.2f ms\n", "open, 100,000 listings, after a kill", since (start_us) * 1e3);
  souk_store_close (store);
}

/* ---- garbage ---- */

static void
on_collected (const SoukGcReport *report, const GError *error, gpointer user)
{
  *(int64_t *)user = report->blocks_removed;
}

static void
bench_gc (const char *folder)
{
  g_autofree char *data = g_build_filename (folder, "gc", NULL);
  SoukStore *store = open_store (data);
  for (unsigned i = 0; i < 200; i++)
    {
      g_autoptr (GByteArray) node = g_byte_array_new ();
      SoukStoreBatch *batch = souk_store_batch_new (store);
      for (unsigned k = 0; k < 200; k++)
        {
          g_autoptr (GBytes) leaf = make_bytes (100, i * 200 + k);
          SoukCid cid = cid_of (leaf);
          souk_blocks_put (batch, &cid, leaf, NULL);
          souk_append_cid (node, &cid);
        }
      SoukCid root = souk_cid_of (SOUK_CODEC_DAG_PB, souk_slice_from_array (node));
      g_autoptr (GBytes) bytes = g_bytes_new (node->data, node->len);
      souk_blocks_put (batch, &root, bytes, NULL);
      if (i % 2 == 0)
        souk_pins_add (batch, &root, "bench", "half stays", (SoukWall){ 0 });
      commit (batch);
    }
  int64_t removed = -1, start_us = g_get_monotonic_time ();
  souk_gc_run (store, -1, on_collected, &removed);
  while (removed < 0)
    g_main_context_iteration (NULL, TRUE);
  printf ("%-58s %10.2f ms (%d of 40200)\n", "garbage collected", since (start_us) * 1e3,
          (int)removed);
  souk_store_close (store);
}

int
main (int argc, char **argv)
{
  char *folder = argc > 1 ? g_strdup (argv[1]) : make_folder ();
  g_mkdir_with_parents (folder, 0700);
  bench_fdatasync (folder);
  bench_batches (folder);
  bench_files (folder, 256 * 1024, 200);
  const size_t sizes[] = { 1, 4, 16, 64, 256 };
  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      size_t size = sizes[i] * 1024;
      unsigned n = (unsigned)CLAMP (16 * 1048576 / size, 64, 1024);
      for (unsigned per_batch = 1; per_batch <= 16; per_batch *= 16)
        {
          bench_blocks (folder, size, n, per_batch, SOUK_BLOCK_SIZE_MAX, "rows");
          bench_blocks (folder, size, n, per_batch, -1, "files");
        }
    }
  bench_catalogue (folder);
  bench_gc (folder);
  remove_folder (folder);
  return 0;
}
