/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Archives. PURE. See car.h.
 */
#include "dag/car.h"

#include "base/varint.h"

#include <string.h>

/* DAG-CBOR: the type in the top three bits, a small number or its width in the others. */
#define CBOR_NUMBER 0x00
#define CBOR_BYTES 0x40
#define CBOR_TEXT 0x60
#define CBOR_ARRAY 0x80
#define CBOR_MAP 0xa0
#define CBOR_TAG 0xc0
#define CBOR_KIND 0xe0
#define CBOR_TAG_CID 42
/* A CID within DAG-CBOR is bytes with a zero in front: multibase's sign for "as it is". */
#define CID_PREFIX 0x00

/* The whole header of version 2 but its length: `{"version": 2}`. */
static const uint8_t pragma_v2[]
    = { 0xa1, 0x67, 'v', 'e', 'r', 's', 'i', 'o', 'n', CBOR_NUMBER | 2 };
#define HEADER_V2_SIZE 40
#define CHARACTERISTICS_SIZE 16

/* What the reader collects bytes for. */
typedef enum {
  STATE_HEADER_SIZE,
  STATE_HEADER,
  STATE_HEADER_V2,
  STATE_PADDING,
  STATE_SECTION_SIZE,
  STATE_SECTION,
  STATE_BEHIND, /* the index of version 2, or nothing any more after a failure */
} State;

struct SoukCarReader {
  State state;
  SoukStatus status;
  unsigned version;
  GByteArray *part;   /* what is collected */
  size_t part_size;   /* how much it takes; of a size: one byte more at a time */
  uint64_t at;        /* bytes read */
  uint64_t data_from; /* version 2: where the archive within begins and ends */
  uint64_t data_end;  /* UINT64_MAX: at the end of the bytes */
  GArray *roots;      /* of SoukCid */
  bool has_event;
  SoukCarEvent event;
};

/* ---- writing ---- */

static void
append_cbor (GByteArray *out, uint8_t kind, uint64_t value)
{
  if (value < 24)
    souk_append_u8 (out, kind | (uint8_t)value);
  else if (value <= UINT8_MAX)
    {
      souk_append_u8 (out, kind | 24);
      souk_append_u8 (out, (uint8_t)value);
    }
  else
    {
      g_assert (value <= UINT16_MAX);
      souk_append_u8 (out, kind | 25);
      souk_append_u16_be (out, (uint16_t)value);
    }
}

static void
append_text (GByteArray *out, const char *text)
{
  append_cbor (out, CBOR_TEXT, strlen (text));
  souk_append (out, souk_slice_from_text (text));
}

void
souk_car_append_header (GByteArray *out, const SoukCid *roots, size_t n_roots)
{
  g_autoptr (GByteArray) header = g_byte_array_new ();
  g_assert (n_roots <= SOUK_CAR_ROOTS_MAX);
  /* The shorter key comes first: that is DAG-CBOR's order. */
  append_cbor (header, CBOR_MAP, 2);
  append_text (header, "roots");
  append_cbor (header, CBOR_ARRAY, n_roots);
  for (size_t i = 0; i < n_roots; i++)
    {
      g_autoptr (GBytes) cid = souk_cid_to_bytes (&roots[i]);
      append_cbor (header, CBOR_TAG, CBOR_TAG_CID);
      append_cbor (header, CBOR_BYTES, g_bytes_get_size (cid) + 1);
      souk_append_u8 (header, CID_PREFIX);
      souk_append (header, souk_slice_from_bytes (cid));
    }
  append_text (header, "version");
  append_cbor (header, CBOR_NUMBER, 1);
  souk_append_varint_bytes (out, souk_slice_from_array (header));
}

void
souk_car_append_section (GByteArray *out, const SoukCid *cid, size_t block_size)
{
  g_autoptr (GBytes) bytes = souk_cid_to_bytes (cid);
  souk_append_varint (out, g_bytes_get_size (bytes) + block_size);
  souk_append (out, souk_slice_from_bytes (bytes));
}

/* ---- the header ---- */

/* Reads the head of a value of this kind: its number, in its shortest form. */
static uint64_t
read_cbor (SoukReader *reader, uint8_t kind)
{
  uint8_t head = souk_reader_u8 (reader);
  uint8_t width = head & ~CBOR_KIND & 0xff;
  uint64_t value = width;
  uint64_t least = 0; /* what would have had a shorter form */

  if (width == 24)
    {
      value = souk_reader_u8 (reader);
      least = 24;
    }
  else if (width == 25)
    {
      value = souk_reader_u16_be (reader);
      least = UINT8_MAX + 1;
    }
  else if (width > 25)
    reader->failed = true;
  if ((head & CBOR_KIND) != kind || value < least)
    reader->failed = true;
  return reader->failed ? 0 : value;
}

static void
read_roots (SoukReader *reader, GArray *roots)
{
  uint64_t count = read_cbor (reader, CBOR_ARRAY);
  if (count > SOUK_CAR_ROOTS_MAX)
    reader->failed = true;
  for (uint64_t i = 0; i < count && souk_reader_ok (reader); i++)
    {
      SoukCid cid;
      if (read_cbor (reader, CBOR_TAG) != CBOR_TAG_CID)
        reader->failed = true;
      SoukSlice bytes = souk_reader_bytes (reader, read_cbor (reader, CBOR_BYTES));
      if (bytes.len < 1 || bytes.data[0] != CID_PREFIX
          || souk_cid_from_bytes (souk_slice (bytes.data + 1, bytes.len - 1), &cid)
                 != SOUK_STATUS_OK)
        reader->failed = true;
      else
        g_array_append_val (roots, cid);
    }
}

/* Reads a header of version 1: two members, in either order. */
static SoukStatus
read_header (SoukSlice in, GArray *roots)
{
  SoukReader reader = souk_reader (in);
  bool has_roots = false;
  bool has_version = false;
  uint64_t version = 0;

  uint64_t members = read_cbor (&reader, CBOR_MAP);
  for (uint64_t i = 0; i < members && souk_reader_ok (&reader); i++)
    {
      SoukSlice key = souk_reader_bytes (&reader, read_cbor (&reader, CBOR_TEXT));
      if (souk_slice_is_equal (key, SOUK_SLICE_LITERAL ("roots")) && !has_roots)
        {
          has_roots = true;
          read_roots (&reader, roots);
        }
      else if (souk_slice_is_equal (key, SOUK_SLICE_LITERAL ("version")) && !has_version)
        {
          has_version = true;
          version = read_cbor (&reader, CBOR_NUMBER);
        }
      else
        reader.failed = true;
    }
  if (!souk_reader_is_done (&reader) || !has_version)
    return SOUK_STATUS_BAD_ENCODING;
  if (version != 1)
    return SOUK_STATUS_UNSUPPORTED;
  return has_roots ? SOUK_STATUS_OK : SOUK_STATUS_BAD_ENCODING;
}

/* ---- the reader's states ---- */

static void
collect (SoukCarReader *self, State state, size_t size)
{
  self->state = state;
  self->part_size = size;
  g_byte_array_set_size (self->part, 0);
}

SoukCarReader *
souk_car_reader_new (void)
{
  SoukCarReader *self = g_new0 (SoukCarReader, 1);
  self->part = g_byte_array_new ();
  self->roots = g_array_new (FALSE, FALSE, sizeof (SoukCid));
  self->data_end = UINT64_MAX;
  collect (self, STATE_HEADER_SIZE, 1);
  return self;
}

void
souk_car_reader_free (SoukCarReader *self)
{
  if (!self)
    return;
  if (self->has_event)
    g_clear_pointer (&self->event.block, g_bytes_unref);
  g_byte_array_unref (self->part);
  g_array_unref (self->roots);
  g_free (self);
}

/* A size is here as far as it goes. On OK either it is complete, and what it counts is collected
 * next, or one more byte is. */
static SoukStatus
on_size (SoukCarReader *self, State next, uint64_t size_max)
{
  uint64_t size;
  size_t used;
  SoukStatus status = souk_varint_decode (souk_slice_from_array (self->part), &size, &used);
  if (status == SOUK_STATUS_SHORT_READ)
    {
      self->part_size++;
      return SOUK_STATUS_OK;
    }
  SOUK_TRY (status);
  if (size == 0)
    return SOUK_STATUS_BAD_ENCODING;
  if (size > size_max)
    return SOUK_STATUS_TOO_LARGE;
  if (size > self->data_end - self->at)
    return SOUK_STATUS_CUT_OFF;
  collect (self, next, (size_t)size);
  return SOUK_STATUS_OK;
}

static SoukStatus
on_header (SoukCarReader *self)
{
  SoukSlice header = souk_slice_from_array (self->part);
  if (self->version == 0 && souk_slice_is_equal (header, souk_slice (pragma_v2, sizeof pragma_v2)))
    {
      self->version = 2;
      collect (self, STATE_HEADER_V2, HEADER_V2_SIZE);
      return SOUK_STATUS_OK;
    }
  SOUK_TRY (read_header (header, self->roots));
  if (self->version == 0)
    self->version = 1;
  self->event = (SoukCarEvent){
    .type = SOUK_CAR_HEADER,
    .roots = (const SoukCid *)(gpointer)self->roots->data,
    .n_roots = self->roots->len,
  };
  self->has_event = true;
  collect (self, STATE_SECTION_SIZE, 1);
  return SOUK_STATUS_OK;
}

static uint64_t
read_u64_le (SoukReader *reader)
{
  return GUINT64_SWAP_LE_BE (souk_reader_u64_be (reader));
}

/* "Index offset … MUST be after the end of the data payload", or 0 when there is none. */
static SoukStatus
on_header_v2 (SoukCarReader *self)
{
  SoukReader reader = souk_reader (souk_slice_from_array (self->part));
  souk_reader_bytes (&reader, CHARACTERISTICS_SIZE);
  uint64_t offset = read_u64_le (&reader);
  uint64_t size = read_u64_le (&reader);
  uint64_t index = read_u64_le (&reader);
  uint64_t end;

  g_assert (souk_reader_is_done (&reader));
  if (offset < self->at || size == 0 || __builtin_add_overflow (offset, size, &end)
      || (index != 0 && index < end))
    return SOUK_STATUS_BAD_ENCODING;
  if (offset - self->at > SOUK_CAR_PADDING_MAX)
    return SOUK_STATUS_TOO_LARGE;
  self->data_from = offset;
  self->data_end = end;
  collect (self, STATE_PADDING, 0);
  return SOUK_STATUS_OK;
}

static SoukStatus
on_section (SoukCarReader *self)
{
  SoukReader reader = souk_reader (souk_slice_from_array (self->part));
  SoukCid cid = souk_reader_cid (&reader);
  if (!souk_reader_ok (&reader))
    return SOUK_STATUS_BAD_CID;
  if (reader.left > SOUK_DAG_BLOCK_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  SoukSlice block = souk_slice (reader.at, reader.left);
  if (!souk_cid_matches (&cid, block))
    return SOUK_STATUS_BAD_BLOCK;
  self->event = (SoukCarEvent){ .type = SOUK_CAR_BLOCK, .cid = cid };
  self->event.block = souk_slice_to_bytes (block);
  self->has_event = true;
  collect (self, STATE_SECTION_SIZE, 1);
  return SOUK_STATUS_OK;
}

/* What was collected is complete. */
static SoukStatus
on_part (SoukCarReader *self)
{
  switch (self->state)
    {
    case STATE_HEADER_SIZE:
      return on_size (self, STATE_HEADER, SOUK_CAR_HEADER_SIZE_MAX);
    case STATE_HEADER:
      return on_header (self);
    case STATE_HEADER_V2:
      return on_header_v2 (self);
    case STATE_SECTION_SIZE:
      return on_size (self, STATE_SECTION, SOUK_DAG_BLOCK_SIZE_MAX + SOUK_CID_SIZE_MAX);
    case STATE_SECTION:
      return on_section (self);
    case STATE_PADDING:
    case STATE_BEHIND:
      break;
    }
  g_assert_not_reached ();
}

/* Passes over the padding. Returns: how many bytes. */
static size_t
skip_padding (SoukCarReader *self, size_t len)
{
  size_t skipped = (size_t)MIN (self->data_from - self->at, len);
  self->at += skipped;
  if (self->at == self->data_from)
    collect (self, STATE_HEADER_SIZE, 1);
  return skipped;
}

/* Collects bytes of the present part. Returns: how many. */
static size_t
take_part (SoukCarReader *self, SoukSlice in)
{
  size_t taken = MIN (self->part_size - self->part->len, in.len);
  souk_append (self->part, souk_slice (in.data, taken));
  self->at += taken;
  if (self->part->len == self->part_size)
    self->status = on_part (self);
  if (self->status != SOUK_STATUS_OK)
    collect (self, STATE_BEHIND, 0);
  return taken;
}

size_t
souk_car_reader_feed (SoukCarReader *self, SoukSlice in)
{
  size_t taken = 0;
  while (taken < in.len && !self->has_event)
    {
      /* Between two sections the archive within one of version 2 may end. */
      if (self->state == STATE_SECTION_SIZE && self->part->len == 0 && self->at == self->data_end)
        collect (self, STATE_BEHIND, 0);
      SoukSlice rest = souk_slice (in.data + taken, in.len - taken);
      if (self->state == STATE_BEHIND)
        return in.len;
      if (self->state == STATE_PADDING)
        taken += skip_padding (self, rest.len);
      else
        taken += take_part (self, rest);
    }
  return taken;
}

bool
souk_car_reader_next (SoukCarReader *self, SoukCarEvent *out)
{
  if (!self->has_event)
    return false;
  self->has_event = false;
  *out = self->event;
  return true;
}

SoukStatus
souk_car_reader_finish (SoukCarReader *self)
{
  bool is_between = self->state == STATE_SECTION_SIZE && self->part->len == 0
                    && (self->data_end == UINT64_MAX || self->at == self->data_end);
  if (self->status == SOUK_STATUS_OK && self->state != STATE_BEHIND && !is_between)
    self->status = SOUK_STATUS_CUT_OFF;
  return self->status;
}

SoukStatus
souk_car_reader_status (const SoukCarReader *self)
{
  return self->status;
}

unsigned
souk_car_reader_version (const SoukCarReader *self)
{
  return self->version;
}
