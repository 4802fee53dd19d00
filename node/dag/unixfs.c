/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The UnixFS codec. PURE. See unixfs.h.
 */
#include "dag/unixfs.h"

#include "base/varint.h"

#define TAG_TYPE 0x08        /* field 1, number */
#define TAG_DATA 0x12        /* field 2, bytes */
#define TAG_FILE_SIZE 0x18   /* field 3, number */
#define TAG_BLOCK_SIZE 0x20  /* field 4, number */
#define TAG_BLOCK_SIZES 0x22 /* field 4, packed: another encoder's right */
#define TAG_HASH_TYPE 0x28   /* field 5, number */
#define TAG_FANOUT 0x30      /* field 6, number */
#define TAG_MODE 0x38        /* field 7, number */
#define TAG_MTIME 0x42       /* field 8: seconds = 1, a signed number; nanoseconds = 2, fixed 32 */
#define TAG_MTIME_S 0x08
#define TAG_MTIME_NS 0x15
#define TAG_NODE_DATA 0x0a /* DAG-PB's field for all of the above */

/* Wire types of protobuf: how a field that is not known is passed over. */
#define WIRE_NUMBER 0
#define WIRE_FIXED_64 1
#define WIRE_BYTES 2
#define WIRE_FIXED_32 5

/* What a file has when its node says nothing of it. */
#define FILE_MODE_DEFAULT 0644
#define NANOSECONDS_END 1000000000u

static void
skip_field (SoukReader *reader, uint64_t tag)
{
  switch (tag & 7)
    {
    case WIRE_NUMBER:
      souk_reader_varint (reader);
      return;
    case WIRE_FIXED_64:
      souk_reader_bytes (reader, 8);
      return;
    case WIRE_BYTES:
      souk_reader_varint_bytes (reader);
      return;
    case WIRE_FIXED_32:
      souk_reader_bytes (reader, 4);
      return;
    default: /* groups, which nobody writes, and two numbers without meaning */
      reader->failed = true;
      return;
    }
}

static void
read_size (SoukReader *reader, GArray *sizes)
{
  uint64_t size = souk_reader_varint (reader);
  if (sizes->len == SOUK_DAG_WIDTH_MAX)
    reader->failed = true;
  if (souk_reader_ok (reader))
    g_array_append_val (sizes, size);
}

/* A signed 64-bit number as protobuf has it: ten bytes when it is negative. */
static int64_t
read_signed (SoukReader *reader)
{
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7)
    {
      uint8_t byte = souk_reader_u8 (reader);
      value |= (uint64_t)(byte & 0x7f) << shift;
      if (byte < 0x80)
        return (int64_t)value;
    }
  reader->failed = true;
  return 0;
}

static void
read_mtime (SoukReader *outer, SoukUnixfsMeta *meta)
{
  SoukReader reader = souk_reader (souk_reader_varint_bytes (outer));
  while (souk_reader_ok (&reader) && reader.left > 0)
    {
      uint64_t tag = souk_reader_varint (&reader);
      if (tag == TAG_MTIME_S)
        {
          meta->mtime_s = read_signed (&reader);
          meta->has_mtime = true;
        }
      else if (tag == TAG_MTIME_NS)
        meta->mtime_ns = GUINT32_SWAP_LE_BE (souk_reader_u32_be (&reader));
      else
        skip_field (&reader, tag);
    }
  outer->failed = outer->failed || reader.failed || meta->mtime_ns >= NANOSECONDS_END;
}

/* A field that is no file's bytes or size. */
static void
read_other (SoukReader *reader, uint64_t tag, SoukUnixfsNode *out)
{
  if (tag == TAG_HASH_TYPE)
    out->hash_type = souk_reader_varint (reader);
  else if (tag == TAG_FANOUT)
    out->fanout = souk_reader_varint (reader);
  else if (tag == TAG_MODE)
    {
      out->meta.mode = (uint32_t)souk_reader_varint (reader);
      out->meta.has_mode = true;
    }
  else if (tag == TAG_MTIME)
    read_mtime (reader, &out->meta);
  else
    skip_field (reader, tag);
}

/* Reads the fields of the Data message, in any order; the last of a repeated one counts. */
static SoukStatus
decode_data (SoukSlice in, SoukUnixfsNode *out)
{
  SoukReader reader = souk_reader (in);
  uint64_t type = UINT64_MAX;

  while (souk_reader_ok (&reader) && reader.left > 0)
    {
      uint64_t tag = souk_reader_varint (&reader);
      if (tag == TAG_TYPE)
        type = souk_reader_varint (&reader);
      else if (tag == TAG_DATA)
        out->data = souk_reader_varint_bytes (&reader);
      else if (tag == TAG_FILE_SIZE)
        out->file_size = souk_reader_varint (&reader);
      else if (tag == TAG_BLOCK_SIZE)
        read_size (&reader, out->sizes);
      else if (tag == TAG_BLOCK_SIZES)
        {
          SoukReader packed = souk_reader (souk_reader_varint_bytes (&reader));
          while (souk_reader_ok (&packed) && packed.left > 0)
            read_size (&packed, out->sizes);
          reader.failed = reader.failed || packed.failed;
        }
      else
        read_other (&reader, tag, out);
    }
  if (!souk_reader_is_done (&reader) || type > SOUK_UNIXFS_HAMT_SHARD)
    return SOUK_STATUS_BAD_ENCODING;
  out->type = (SoukUnixfsType)type;
  return SOUK_STATUS_OK;
}

/* "A UnixFS parser MUST reject the node … if the blocksizes array and Links array contain
 * different numbers of elements"; the file size "MUST be equal to" data and sizes together; "if a
 * non-empty Name is present in an internal file chunk, the parser MUST reject the file". */
static SoukStatus
check_file (const SoukUnixfsNode *self)
{
  size_t count = souk_dag_pb_link_count (&self->node);
  uint64_t sum = self->data.len;

  if (self->sizes->len != count)
    return SOUK_STATUS_BAD_DAG;
  if (count > SOUK_DAG_WIDTH_MAX)
    return SOUK_STATUS_TOO_LARGE;
  for (size_t i = 0; i < count; i++)
    {
      if (souk_dag_pb_link (&self->node, i)->name.len > 0)
        return SOUK_STATUS_BAD_DAG;
      if (__builtin_add_overflow (sum, g_array_index (self->sizes, uint64_t, i), &sum))
        return SOUK_STATUS_BAD_DAG;
    }
  return sum == self->file_size ? SOUK_STATUS_OK : SOUK_STATUS_BAD_DAG;
}

static SoukStatus
decode_dag_pb (SoukSlice block, SoukUnixfsNode *out)
{
  SOUK_TRY (souk_dag_pb_decode (block, &out->node));
  /* Old programs made folders without data; the specification lets readers refuse them. */
  if (!out->node.has_data)
    return SOUK_STATUS_BAD_DAG;
  SOUK_TRY (decode_data (out->node.data, out));
  switch (out->type)
    {
    case SOUK_UNIXFS_RAW:
    case SOUK_UNIXFS_FILE:
      return check_file (out);
    case SOUK_UNIXFS_FOLDER:
    case SOUK_UNIXFS_METADATA:
    case SOUK_UNIXFS_SYMLINK:
    case SOUK_UNIXFS_HAMT_SHARD:
      return SOUK_STATUS_OK;
    }
  return SOUK_STATUS_BAD_DAG;
}

SoukStatus
souk_unixfs_node_decode (const SoukCid *cid, SoukSlice block, SoukUnixfsNode *out)
{
  if (block.len > SOUK_DAG_BLOCK_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  if (cid->codec != SOUK_CODEC_RAW && cid->codec != SOUK_CODEC_DAG_PB)
    return SOUK_STATUS_UNSUPPORTED;

  SoukUnixfsNode self = { .type = SOUK_UNIXFS_FILE };
  self.sizes = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  if (cid->codec == SOUK_CODEC_RAW)
    {
      self.node.links = g_array_new (FALSE, FALSE, sizeof (SoukDagPbLink));
      self.data = block;
      self.file_size = block.len;
    }
  else
    {
      SoukStatus status = decode_dag_pb (block, &self);
      if (status != SOUK_STATUS_OK)
        {
          souk_unixfs_node_done (&self);
          return status;
        }
    }
  *out = self;
  return SOUK_STATUS_OK;
}

void
souk_unixfs_node_done (SoukUnixfsNode *self)
{
  g_clear_pointer (&self->sizes, g_array_unref);
  souk_dag_pb_done (&self->node);
}

static size_t
varint_size (uint64_t value)
{
  uint8_t bytes[SOUK_VARINT_SIZE_MAX];
  return souk_varint_encode (value, bytes);
}

/* The fields behind all others, which a reader without use for them passes over. */
static void
append_meta (GByteArray *out, const SoukUnixfsMeta *meta)
{
  if (meta->has_mode && meta->mode != FILE_MODE_DEFAULT)
    {
      souk_append_u8 (out, TAG_MODE);
      souk_append_varint (out, meta->mode);
    }
  if (!meta->has_mtime)
    return;
  g_assert (meta->mtime_ns < NANOSECONDS_END);
  g_autoptr (GByteArray) mtime = g_byte_array_new ();
  souk_append_u8 (mtime, TAG_MTIME_S);
  souk_append_varint (mtime, (uint64_t)meta->mtime_s);
  if (meta->mtime_ns > 0)
    {
      souk_append_u8 (mtime, TAG_MTIME_NS);
      souk_append_u32_be (mtime, GUINT32_SWAP_LE_BE (meta->mtime_ns));
    }
  souk_append_u8 (out, TAG_MTIME);
  souk_append_varint_bytes (out, souk_slice_from_array (mtime));
}

void
souk_unixfs_append_file (GByteArray *out, SoukSlice data, uint64_t file_size, const uint64_t *sizes,
                         size_t sizes_len, const SoukUnixfsMeta *meta)
{
  g_autoptr (GByteArray) tail = g_byte_array_new ();
  if (meta)
    append_meta (tail, meta);

  /* The length stands in front; adding it up first saves a copy of the file's bytes. */
  size_t len = 2 + 1 + varint_size (file_size);
  if (data.len > 0)
    len += 1 + varint_size (data.len) + data.len;
  for (size_t i = 0; i < sizes_len; i++)
    len += 1 + varint_size (sizes[i]);
  len += tail->len;

  souk_append_u8 (out, TAG_NODE_DATA);
  souk_append_varint (out, len);
  guint start = out->len;
  souk_append_u8 (out, TAG_TYPE);
  souk_append_u8 (out, SOUK_UNIXFS_FILE);
  if (data.len > 0)
    {
      souk_append_u8 (out, TAG_DATA);
      souk_append_varint_bytes (out, data);
    }
  /* Written also when it is 0, as other programs do: the CID of the empty file depends on it. */
  souk_append_u8 (out, TAG_FILE_SIZE);
  souk_append_varint (out, file_size);
  for (size_t i = 0; i < sizes_len; i++)
    {
      souk_append_u8 (out, TAG_BLOCK_SIZE);
      souk_append_varint (out, sizes[i]);
    }
  souk_append (out, souk_slice_from_array (tail));
  g_assert (out->len - start == len);
}

void
souk_unixfs_append_folder (GByteArray *out)
{
  static const uint8_t data[] = { TAG_TYPE, SOUK_UNIXFS_FOLDER };
  souk_dag_pb_append_data (out, souk_slice (data, sizeof data));
}

void
souk_unixfs_append_shard (GByteArray *out, SoukSlice bits)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  souk_append_u8 (data, TAG_TYPE);
  souk_append_u8 (data, SOUK_UNIXFS_HAMT_SHARD);
  souk_append_u8 (data, TAG_DATA);
  souk_append_varint_bytes (data, bits);
  souk_append_u8 (data, TAG_HASH_TYPE);
  souk_append_varint (data, SOUK_UNIXFS_HASH_MURMUR3);
  souk_append_u8 (data, TAG_FANOUT);
  souk_append_varint (data, SOUK_DAG_HAMT_FANOUT);
  souk_dag_pb_append_data (out, souk_slice_from_array (data));
}

SoukCid
souk_unixfs_cid (uint8_t version, uint64_t codec, SoukSlice block)
{
  SoukCid cid = souk_cid_of (codec, block);
  if (version == 0 && codec == SOUK_CODEC_DAG_PB)
    cid.version = 0;
  return cid;
}
