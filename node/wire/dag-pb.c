/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The DAG-PB codec. PURE. See dag-pb.h.
 *
 *   message PBLink { bytes Hash = 1; string Name = 2; uint64 Tsize = 3; }
 *   message PBNode { repeated PBLink Links = 2; bytes Data = 1; }
 */
#include "wire/dag-pb.h"

#include "base/varint.h"

/* A field's number and wire type in one byte: number * 8, and 2 for bytes, 0 for a number. */
#define TAG_NODE_DATA 0x0a
#define TAG_NODE_LINK 0x12
#define TAG_LINK_HASH 0x0a
#define TAG_LINK_NAME 0x12
#define TAG_LINK_TSIZE 0x18

/* Takes the tag when it is the next byte. */
static bool
take_tag (SoukReader *reader, uint8_t tag)
{
  if (reader->failed || reader->left == 0 || reader->at[0] != tag)
    return false;
  souk_reader_u8 (reader);
  return true;
}

/* The fields in their only order; each but the hash may be missing. */
static SoukStatus
decode_link (SoukSlice in, SoukDagPbLink *out)
{
  SoukReader reader = souk_reader (in);
  SoukDagPbLink link = { 0 };

  if (!take_tag (&reader, TAG_LINK_HASH))
    return SOUK_STATUS_BAD_ENCODING;
  SoukSlice cid = souk_reader_varint_bytes (&reader);
  if (take_tag (&reader, TAG_LINK_NAME))
    link.name = souk_reader_varint_bytes (&reader);
  if (take_tag (&reader, TAG_LINK_TSIZE))
    link.tsize = souk_reader_varint (&reader);
  if (!souk_reader_is_done (&reader))
    return SOUK_STATUS_BAD_ENCODING;
  SOUK_TRY (souk_cid_from_bytes (cid, &link.cid));
  *out = link;
  return SOUK_STATUS_OK;
}

/* Reads the run of links that comes next, which may be empty. */
static SoukStatus
decode_links (SoukReader *reader, GArray *links)
{
  while (take_tag (reader, TAG_NODE_LINK))
    {
      SoukDagPbLink link;
      SoukSlice bytes = souk_reader_varint_bytes (reader);
      if (!souk_reader_ok (reader))
        return SOUK_STATUS_BAD_ENCODING;
      if (links->len == SOUK_DAG_PB_LINKS_MAX)
        return SOUK_STATUS_TOO_LARGE;
      SOUK_TRY (decode_link (bytes, &link));
      g_array_append_val (links, link);
    }
  return SOUK_STATUS_OK;
}

SoukStatus
souk_dag_pb_decode (SoukSlice block, SoukDagPbNode *out)
{
  SoukReader reader = souk_reader (block);
  g_autoptr (GArray) links = g_array_new (FALSE, FALSE, sizeof (SoukDagPbLink));
  SoukSlice data = SOUK_SLICE_EMPTY;

  SOUK_TRY (decode_links (&reader, links));
  bool has_data = take_tag (&reader, TAG_NODE_DATA);
  if (has_data)
    data = souk_reader_varint_bytes (&reader);
  if (links->len == 0)
    SOUK_TRY (decode_links (&reader, links));
  if (!souk_reader_is_done (&reader))
    return SOUK_STATUS_BAD_ENCODING;
  *out = (SoukDagPbNode){ g_steal_pointer (&links), data, has_data };
  return SOUK_STATUS_OK;
}

void
souk_dag_pb_done (SoukDagPbNode *self)
{
  g_clear_pointer (&self->links, g_array_unref);
}

size_t
souk_dag_pb_link_count (const SoukDagPbNode *self)
{
  return self->links->len;
}

const SoukDagPbLink *
souk_dag_pb_link (const SoukDagPbNode *self, size_t index)
{
  g_assert (index < self->links->len);
  return &g_array_index (self->links, SoukDagPbLink, index);
}

void
souk_dag_pb_append_link (GByteArray *out, const SoukCid *cid, SoukSlice name, uint64_t tsize)
{
  g_autoptr (GByteArray) link = g_byte_array_new ();
  g_autoptr (GBytes) cid_bytes = souk_cid_to_bytes (cid);

  souk_append_u8 (link, TAG_LINK_HASH);
  souk_append_varint_bytes (link, souk_slice_from_bytes (cid_bytes));
  souk_append_u8 (link, TAG_LINK_NAME);
  souk_append_varint_bytes (link, name);
  souk_append_u8 (link, TAG_LINK_TSIZE);
  souk_append_varint (link, tsize);
  souk_append_u8 (out, TAG_NODE_LINK);
  souk_append_varint_bytes (out, souk_slice_from_array (link));
}

void
souk_dag_pb_append_data (GByteArray *out, SoukSlice data)
{
  souk_append_u8 (out, TAG_NODE_DATA);
  souk_append_varint_bytes (out, data);
}
