/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The multicast DNS messages of peer discovery. No I/O. See mdns-codec.h.
 */
#include "swarm/mdns-codec.h"

#include <string.h>

#define TYPE_PTR 12
#define TYPE_TXT 16
#define CLASS_IN 1
/* "the cache-flush bit" and "a unicast response is accepted" share the top bit of the class. */
#define CLASS_MASK 0x7fff
#define FLAGS_RESPONSE 0x8000
/* A response that is authoritative, as all of them are in multicast DNS. */
#define FLAGS_ANSWER 0x8400
#define ADDR_PREFIX "dnsaddr="
/* A character-string has one byte of length. */
#define TEXT_MAX 255
/* What one TXT record holds: a datagram without fragments. */
#define TXT_SIZE_MAX 1200
#define NAME_MAX_SIZE 255
/* Pointers that one name may follow; a loop ends here. */
#define POINTERS_MAX 16
/* Records of one datagram that are looked at. */
#define RECORDS_MAX 256

/* ---- writing ---- */

static void
append_name (GByteArray *out, const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);
  for (char **label = labels; *label != NULL; label++)
    {
      size_t len = strlen (*label);
      g_assert (len > 0 && len < 64);
      souk_append_u8 (out, (uint8_t)len);
      souk_append (out, souk_slice (*label, len));
    }
  souk_append_u8 (out, 0);
}

static void
append_header (GByteArray *out, uint16_t flags, uint16_t questions, uint16_t answers,
               uint16_t additional)
{
  souk_append_u16_be (out, 0); /* the id is 0 in multicast DNS */
  souk_append_u16_be (out, flags);
  souk_append_u16_be (out, questions);
  souk_append_u16_be (out, answers);
  souk_append_u16_be (out, 0);
  souk_append_u16_be (out, additional);
}

static void
append_record (GByteArray *out, const char *name, uint16_t type, uint32_t ttl_s, SoukSlice data)
{
  append_name (out, name);
  souk_append_u16_be (out, type);
  souk_append_u16_be (out, CLASS_IN);
  souk_append_u32_be (out, ttl_s);
  souk_append_u16_be (out, (uint16_t)data.len);
  souk_append (out, data);
}

static void
append_pointer (GByteArray *out, const char *from, const char *to, uint32_t ttl_s)
{
  g_autoptr (GByteArray) name = g_byte_array_new ();
  append_name (name, to);
  append_record (out, from, TYPE_PTR, ttl_s, souk_slice_from_array (name));
}

void
souk_mdns_append_query (GByteArray *out)
{
  append_header (out, 0, 1, 0, 0);
  append_name (out, SOUK_MDNS_SERVICE);
  souk_append_u16_be (out, TYPE_PTR);
  souk_append_u16_be (out, CLASS_IN);
}

void
souk_mdns_append_answer (GByteArray *out, const char *name, uint32_t ttl_s,
                         const SoukMultiaddr *addrs, size_t n_addrs)
{
  g_autofree char *full = g_strdup_printf ("%s." SOUK_MDNS_SERVICE, name);
  g_autoptr (GByteArray) texts = g_byte_array_new ();
  for (size_t i = 0; i < n_addrs; i++)
    {
      g_autofree char *addr = souk_multiaddr_to_string (&addrs[i]);
      g_autofree char *text = g_strconcat (ADDR_PREFIX, addr, NULL);
      size_t len = strlen (text);
      if (len > TEXT_MAX || texts->len + 1 + len > TXT_SIZE_MAX)
        continue;
      souk_append_u8 (texts, (uint8_t)len);
      souk_append (texts, souk_slice (text, len));
    }
  append_header (out, FLAGS_ANSWER, 0, 1, 1);
  append_pointer (out, SOUK_MDNS_SERVICE, full, ttl_s);
  append_record (out, full, TYPE_TXT, ttl_s, souk_slice_from_array (texts));
}

void
souk_mdns_append_meta_answer (GByteArray *out, uint32_t ttl_s)
{
  append_header (out, FLAGS_ANSWER, 0, 1, 0);
  append_pointer (out, SOUK_MDNS_META_SERVICE, SOUK_MDNS_SERVICE, ttl_s);
}

/* ---- reading ---- */

/* Reads a name, which may point back into the datagram, as lower-case text with dots. */
static bool
read_name (SoukSlice whole, SoukReader *reader, char out[NAME_MAX_SIZE + 1])
{
  SoukReader at = *reader;
  bool has_jumped = false;
  size_t filled = 0;
  for (unsigned pointers = 0; pointers < POINTERS_MAX;)
    {
      uint8_t len = souk_reader_u8 (&at);
      if (!souk_reader_ok (&at))
        return false;
      if ((len & 0xc0) == 0xc0)
        {
          size_t to = (size_t)(len & 0x3f) << 8 | souk_reader_u8 (&at);
          if (!souk_reader_ok (&at) || to >= whole.len)
            return false;
          if (!has_jumped)
            *reader = at;
          has_jumped = true;
          pointers++;
          at = souk_reader (souk_slice (whole.data + to, whole.len - to));
          continue;
        }
      SoukSlice label = souk_reader_bytes (&at, len);
      if (len > 63 || !souk_reader_ok (&at) || filled + len + 1 > NAME_MAX_SIZE)
        return false;
      if (len == 0)
        {
          if (!has_jumped)
            *reader = at;
          out[filled] = '\0';
          return true;
        }
      if (filled > 0)
        out[filled++] = '.';
      for (size_t i = 0; i < len; i++)
        out[filled++] = g_ascii_tolower ((char)label.data[i]);
    }
  return false;
}

static void
read_texts (SoukSlice data, SoukMdnsMessage *out)
{
  SoukReader reader = souk_reader (data);
  while (reader.left > 0 && out->n_addrs < SOUK_MDNS_ADDRS_MAX)
    {
      SoukSlice text = souk_reader_bytes (&reader, souk_reader_u8 (&reader));
      size_t prefix = sizeof ADDR_PREFIX - 1;
      SoukPeerId id;
      if (!souk_reader_ok (&reader))
        return;
      if (text.len <= prefix || memcmp (text.data, ADDR_PREFIX, prefix) != 0)
        continue;
      g_autofree char *addr = g_strndup ((const char *)text.data + prefix, text.len - prefix);
      SoukMultiaddr *at = &out->addrs[out->n_addrs];
      if (souk_multiaddr_parse (addr, at) == SOUK_STATUS_OK && souk_multiaddr_peer_id (at, &id))
        out->n_addrs++;
    }
}

static bool
read_question (SoukSlice whole, SoukReader *reader, SoukMdnsMessage *out)
{
  char name[NAME_MAX_SIZE + 1];
  if (!read_name (whole, reader, name))
    return false;
  uint16_t type = souk_reader_u16_be (reader);
  uint16_t class = souk_reader_u16_be (reader) & CLASS_MASK;
  if (!souk_reader_ok (reader))
    return false;
  bool is_pointer = type == TYPE_PTR && class == CLASS_IN;
  out->asks_peers |= is_pointer && g_str_equal (name, SOUK_MDNS_SERVICE);
  out->asks_meta |= is_pointer && g_str_equal (name, SOUK_MDNS_META_SERVICE);
  return true;
}

static bool
read_record (SoukSlice whole, SoukReader *reader, SoukMdnsMessage *out)
{
  char name[NAME_MAX_SIZE + 1];
  if (!read_name (whole, reader, name))
    return false;
  uint16_t type = souk_reader_u16_be (reader);
  souk_reader_u16_be (reader); /* class */
  uint32_t ttl_s = souk_reader_u32_be (reader);
  SoukSlice data = souk_reader_bytes (reader, souk_reader_u16_be (reader));
  if (!souk_reader_ok (reader))
    return false;
  /* A time to live of 0 is a goodbye. */
  if (type == TYPE_TXT && ttl_s > 0 && g_str_has_suffix (name, "." SOUK_MDNS_SERVICE))
    read_texts (data, out);
  return true;
}

bool
souk_mdns_read (SoukSlice in, SoukMdnsMessage *out)
{
  SoukReader reader = souk_reader (in);
  souk_reader_u16_be (&reader);
  uint16_t flags = souk_reader_u16_be (&reader);
  unsigned questions = souk_reader_u16_be (&reader);
  unsigned records = 0;
  for (int i = 0; i < 3; i++)
    records += souk_reader_u16_be (&reader);
  if (!souk_reader_ok (&reader) || questions + records > RECORDS_MAX)
    return false;
  out->asks_peers = out->asks_meta = false;
  out->n_addrs = 0;
  for (unsigned i = 0; i < questions; i++)
    if (!read_question (in, &reader, out))
      return false;
  for (unsigned i = 0; i < records; i++)
    if (!read_record (in, &reader, out))
      return false;
  /* What a response asks and what a question answers (known answers) is not for us. */
  if (flags & FLAGS_RESPONSE)
    out->asks_peers = out->asks_meta = false;
  else
    out->n_addrs = 0;
  return true;
}
