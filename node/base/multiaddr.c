/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Multiaddrs. PURE. See multiaddr.h.
 *
 * Binary: for each component its code as a varint, then its value; a value whose size the code
 * does not fix has its length in front. Text: "/name/value" or "/name" each. One table says for
 * each code how its value looks in both.
 */
#include "base/multiaddr.h"

#include "base/multibase.h"

#include <arpa/inet.h>
#include <string.h>

typedef enum {
  VALUE_NONE,
  VALUE_IP4,
  VALUE_IP6,
  VALUE_PORT,
  VALUE_NAME,     /* a host name or a zone: text without a slash */
  VALUE_PEER_ID,  /* a multihash; base 58 */
  VALUE_CERTHASH, /* a multihash; multibase */
} ValueKind;

typedef struct {
  uint16_t code;
  uint8_t kind; /* ValueKind */
  const char *name;
} ProtoRow;

static const ProtoRow rows[] = {
  { SOUK_PROTO_IP4, VALUE_IP4, "ip4" },
  { SOUK_PROTO_TCP, VALUE_PORT, "tcp" },
  { SOUK_PROTO_DNS, VALUE_NAME, "dns" },
  { SOUK_PROTO_DNS4, VALUE_NAME, "dns4" },
  { SOUK_PROTO_DNS6, VALUE_NAME, "dns6" },
  { SOUK_PROTO_DNSADDR, VALUE_NAME, "dnsaddr" },
  { SOUK_PROTO_IP6, VALUE_IP6, "ip6" },
  { SOUK_PROTO_IP6ZONE, VALUE_NAME, "ip6zone" },
  { SOUK_PROTO_UDP, VALUE_PORT, "udp" },
  { SOUK_PROTO_P2P, VALUE_PEER_ID, "p2p" },
  { SOUK_PROTO_P2P, VALUE_PEER_ID, "ipfs" }, /* the old name; read, never written */
  { SOUK_PROTO_P2P_CIRCUIT, VALUE_NONE, "p2p-circuit" },
  { SOUK_PROTO_TLS, VALUE_NONE, "tls" },
  { SOUK_PROTO_SNI, VALUE_NAME, "sni" },
  { SOUK_PROTO_QUIC_V1, VALUE_NONE, "quic-v1" },
  { SOUK_PROTO_WS, VALUE_NONE, "ws" },
  { SOUK_PROTO_WSS, VALUE_NONE, "wss" },
  { SOUK_PROTO_WEBTRANSPORT, VALUE_NONE, "webtransport" },
  { SOUK_PROTO_WEBRTC_DIRECT, VALUE_NONE, "webrtc-direct" },
  { SOUK_PROTO_CERTHASH, VALUE_CERTHASH, "certhash" },
};

static const ProtoRow *
row_of_code (uint64_t code)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].code == code)
      return &rows[i];
  return NULL;
}

static const ProtoRow *
row_of_name (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].name, name) == 0)
      return &rows[i];
  return NULL;
}

/* Returns: the value's size where the code fixes it; -1 where a length stands in front. */
static int
fixed_size (ValueKind kind)
{
  switch (kind)
    {
    case VALUE_NONE:
      return 0;
    case VALUE_IP4:
      return 4;
    case VALUE_IP6:
      return 16;
    case VALUE_PORT:
      return 2;
    case VALUE_NAME:
    case VALUE_PEER_ID:
    case VALUE_CERTHASH:
      return -1;
    }
  return -1;
}

/* A name goes into texts and logs: printable, and without the character that ends it. */
static bool
is_name (SoukSlice value)
{
  if (value.len == 0 || !g_utf8_validate_len ((const char *)value.data, value.len, NULL))
    return false;
  for (size_t i = 0; i < value.len; i++)
    if (value.data[i] <= ' ' || value.data[i] == '/' || value.data[i] == 0x7f)
      return false;
  return true;
}

static bool
is_value (ValueKind kind, SoukSlice value)
{
  SoukReader reader = souk_reader (value);
  SoukPeerId id;

  switch (kind)
    {
    case VALUE_NONE:
    case VALUE_IP4:
    case VALUE_IP6:
    case VALUE_PORT:
      return value.len == (size_t)fixed_size (kind);
    case VALUE_NAME:
      return is_name (value);
    case VALUE_PEER_ID:
      return souk_peer_id_from_bytes (value, &id) == SOUK_STATUS_OK;
    case VALUE_CERTHASH:
      souk_reader_multihash (&reader);
      return souk_reader_is_done (&reader);
    }
  return false;
}

/* Reads one component. False at the end and, with the cursor poisoned, when it is none. */
static bool
read_part (SoukReader *reader, SoukMultiaddrPart *out)
{
  if (reader->failed || reader->left == 0)
    return false;
  out->code = souk_reader_varint (reader);
  const ProtoRow *row = row_of_code (out->code);
  if (!row || reader->failed)
    {
      reader->failed = true;
      return false;
    }
  int size = fixed_size (row->kind);
  out->value
      = size < 0 ? souk_reader_varint_bytes (reader) : souk_reader_bytes (reader, (size_t)size);
  if (!reader->failed && !is_value (row->kind, out->value))
    reader->failed = true;
  return !reader->failed;
}

SoukStatus
souk_multiaddr_from_bytes (SoukSlice in, SoukMultiaddr *out)
{
  SoukReader reader = souk_reader (in);
  SoukMultiaddrPart part;
  size_t count = 0;

  if (in.len == 0 || in.len > SOUK_MULTIADDR_SIZE_MAX)
    return SOUK_STATUS_BAD_MULTIADDR;
  while (read_part (&reader, &part))
    count++;
  if (!souk_reader_is_done (&reader) || count > SOUK_MULTIADDR_PARTS_MAX)
    return SOUK_STATUS_BAD_MULTIADDR;
  out->len = (uint16_t)in.len;
  memcpy (out->bytes, in.data, in.len);
  return SOUK_STATUS_OK;
}

SoukSlice
souk_multiaddr_bytes (const SoukMultiaddr *addr)
{
  return souk_slice (addr->bytes, addr->len);
}

/* Appends a decimal port, 0 to 65535. */
static bool
append_port (GByteArray *out, const char *text)
{
  uint32_t port = 0;
  size_t len = strnlen (text, 6);
  if (len == 0 || len > 5)
    return false;
  for (; *text; text++)
    {
      if (!g_ascii_isdigit (*text))
        return false;
      port = port * 10 + (uint32_t)(*text - '0');
    }
  if (port > UINT16_MAX)
    return false;
  souk_append_u16_be (out, (uint16_t)port);
  return true;
}

/* Appends an IP address of either family. */
static bool
append_ip (GByteArray *out, int family, size_t size, const char *text)
{
  uint8_t bytes[16];
  if (inet_pton (family, text, bytes) != 1)
    return false;
  souk_append (out, souk_slice (bytes, size));
  return true;
}

static bool
append_certhash (GByteArray *out, const char *text)
{
  g_autoptr (GBytes) bytes = NULL;
  if (souk_multibase_decode (text, &bytes) != SOUK_STATUS_OK)
    return false;
  souk_append_varint_bytes (out, souk_slice_from_bytes (bytes));
  return true;
}

static bool
append_peer_id (GByteArray *out, const char *text)
{
  SoukPeerId id;
  if (souk_peer_id_parse (text, &id) != SOUK_STATUS_OK)
    return false;
  g_autoptr (GBytes) bytes = souk_peer_id_to_bytes (&id);
  souk_append_varint_bytes (out, souk_slice_from_bytes (bytes));
  return true;
}

/* Appends the binary form of a value that is written `text`. */
static bool
append_value (GByteArray *out, ValueKind kind, const char *text)
{
  switch (kind)
    {
    case VALUE_NONE:
      return true;
    case VALUE_IP4:
      return append_ip (out, AF_INET, 4, text);
    case VALUE_IP6:
      return append_ip (out, AF_INET6, 16, text);
    case VALUE_PORT:
      return append_port (out, text);
    case VALUE_NAME:
      souk_append_varint_bytes (out, souk_slice_from_text (text));
      return true;
    case VALUE_PEER_ID:
      return append_peer_id (out, text);
    case VALUE_CERTHASH:
      return append_certhash (out, text);
    }
  return false;
}

SoukStatus
souk_multiaddr_parse (const char *text, SoukMultiaddr *out)
{
  /* Text is at most about three times as long as the bytes (an IPv6 address). */
  if (text[0] != '/' || strnlen (text, 4 * SOUK_MULTIADDR_SIZE_MAX) == 4 * SOUK_MULTIADDR_SIZE_MAX)
    return SOUK_STATUS_BAD_MULTIADDR;
  g_auto (GStrv) words = g_strsplit (text + 1, "/", -1);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (size_t i = 0; words[i]; i++)
    {
      const ProtoRow *row = row_of_name (words[i]);
      if (!row || (row->kind != VALUE_NONE && !words[i + 1]))
        return SOUK_STATUS_BAD_MULTIADDR;
      souk_append_varint (bytes, row->code);
      const char *value = row->kind == VALUE_NONE ? "" : words[++i];
      if (!append_value (bytes, row->kind, value))
        return SOUK_STATUS_BAD_MULTIADDR;
    }
  return souk_multiaddr_from_bytes (souk_slice_from_array (bytes), out);
}

static void
append_text (GString *text, ValueKind kind, SoukSlice value)
{
  char ip[INET6_ADDRSTRLEN];
  SoukPeerId id;
  g_autofree char *owned = NULL;

  switch (kind)
    {
    case VALUE_NONE:
      return;
    case VALUE_IP4:
    case VALUE_IP6:
      inet_ntop (kind == VALUE_IP4 ? AF_INET : AF_INET6, value.data, ip, sizeof ip);
      g_string_append_printf (text, "/%s", ip);
      return;
    case VALUE_PORT:
      g_string_append_printf (text, "/%u", value.data[0] << 8 | value.data[1]);
      return;
    case VALUE_NAME:
      g_string_append_c (text, '/');
      g_string_append_len (text, (const char *)value.data, (gssize)value.len);
      return;
    case VALUE_PEER_ID:
      if (souk_peer_id_from_bytes (value, &id) != SOUK_STATUS_OK)
        g_assert_not_reached ();
      owned = souk_peer_id_to_string (&id);
      g_string_append_printf (text, "/%s", owned);
      return;
    case VALUE_CERTHASH:
      owned = souk_multibase_encode (SOUK_BASE_64_URL, value);
      g_string_append_printf (text, "/%s", owned);
      return;
    }
}

size_t
souk_multiaddr_parts (const SoukMultiaddr *addr, SoukMultiaddrPart out[SOUK_MULTIADDR_PARTS_MAX])
{
  SoukReader reader = souk_reader (souk_multiaddr_bytes (addr));
  size_t count = 0;
  while (count < SOUK_MULTIADDR_PARTS_MAX && read_part (&reader, &out[count]))
    count++;
  g_assert (souk_reader_is_done (&reader));
  return count;
}

char *
souk_multiaddr_to_string (const SoukMultiaddr *addr)
{
  SoukMultiaddrPart parts[SOUK_MULTIADDR_PARTS_MAX];
  size_t count = souk_multiaddr_parts (addr, parts);
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < count; i++)
    {
      const ProtoRow *row = row_of_code (parts[i].code);
      g_string_append_printf (text, "/%s", row->name);
      append_text (text, row->kind, parts[i].value);
    }
  return g_string_free_and_steal (text);
}

bool
souk_multiaddr_is_equal (const SoukMultiaddr *a, const SoukMultiaddr *b)
{
  return souk_slice_is_equal (souk_multiaddr_bytes (a), souk_multiaddr_bytes (b));
}

bool
souk_multiaddr_peer_id (const SoukMultiaddr *addr, SoukPeerId *out)
{
  SoukMultiaddrPart parts[SOUK_MULTIADDR_PARTS_MAX];
  for (size_t i = souk_multiaddr_parts (addr, parts); i-- > 0;)
    if (parts[i].code == SOUK_PROTO_P2P)
      return souk_peer_id_from_bytes (parts[i].value, out) == SOUK_STATUS_OK;
  return false;
}

SoukMultiaddr
souk_multiaddr_without_peer_id (const SoukMultiaddr *addr)
{
  SoukMultiaddr bare = { 0 };
  SoukReader reader = souk_reader (souk_multiaddr_bytes (addr));
  SoukMultiaddrPart part = { 0 };
  const uint8_t *last = addr->bytes; /* where the last component begins */

  while (reader.left > 0)
    {
      last = reader.at;
      if (!read_part (&reader, &part))
        g_assert_not_reached ();
    }
  bare.len = part.code == SOUK_PROTO_P2P ? (uint16_t)(last - addr->bytes) : addr->len;
  memcpy (bare.bytes, addr->bytes, bare.len);
  return bare;
}

SoukStatus
souk_multiaddr_with_peer_id (const SoukMultiaddr *addr, const SoukPeerId *id, SoukMultiaddr *out)
{
  SoukMultiaddr bare = souk_multiaddr_without_peer_id (addr);
  g_autoptr (GBytes) id_bytes = souk_peer_id_to_bytes (id);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  souk_append (bytes, souk_multiaddr_bytes (&bare));
  souk_append_varint (bytes, SOUK_PROTO_P2P);
  souk_append_varint_bytes (bytes, souk_slice_from_bytes (id_bytes));
  return souk_multiaddr_from_bytes (souk_slice_from_array (bytes), out);
}

bool
souk_multiaddr_is_tcp (const SoukMultiaddr *addr, SoukSlice *out_ip, uint16_t *out_port)
{
  SoukMultiaddrPart parts[SOUK_MULTIADDR_PARTS_MAX];
  size_t count = souk_multiaddr_parts (addr, parts);

  if (count < 2 || count > 3 || (count == 3 && parts[2].code != SOUK_PROTO_P2P)
      || (parts[0].code != SOUK_PROTO_IP4 && parts[0].code != SOUK_PROTO_IP6)
      || parts[1].code != SOUK_PROTO_TCP)
    return false;
  *out_ip = parts[0].value;
  *out_port = (uint16_t)(parts[1].value.data[0] << 8 | parts[1].value.data[1]);
  return true;
}

SoukMultiaddr
souk_multiaddr_from_tcp (SoukSlice ip, uint16_t port)
{
  g_assert (ip.len == 4 || ip.len == 16);
  SoukMultiaddr addr = { 0 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  souk_append_varint (bytes, ip.len == 4 ? SOUK_PROTO_IP4 : SOUK_PROTO_IP6);
  souk_append (bytes, ip);
  souk_append_varint (bytes, SOUK_PROTO_TCP);
  souk_append_u16_be (bytes, port);
  addr.len = (uint16_t)bytes->len;
  memcpy (addr.bytes, bytes->data, bytes->len);
  return addr;
}

/* An IPv4 network: its address and how many bits of it count. */
typedef struct {
  uint8_t ip[4];
  uint8_t bits;
} Network4;

static bool
is_private_ip4 (const uint8_t ip[4])
{
  static const Network4 networks[] = {
    { { 0, 0, 0, 0 }, 8 },      { { 10, 0, 0, 0 }, 8 },     { { 100, 64, 0, 0 }, 10 },
    { { 127, 0, 0, 0 }, 8 },    { { 169, 254, 0, 0 }, 16 }, { { 172, 16, 0, 0 }, 12 },
    { { 192, 168, 0, 0 }, 16 },
  };
  uint32_t have = (uint32_t)ip[0] << 24 | (uint32_t)ip[1] << 16 | (uint32_t)ip[2] << 8 | ip[3];
  for (size_t i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      const uint8_t *net = networks[i].ip;
      uint32_t want
          = (uint32_t)net[0] << 24 | (uint32_t)net[1] << 16 | (uint32_t)net[2] << 8 | net[3];
      if ((have ^ want) >> (32 - networks[i].bits) == 0)
        return true;
    }
  return false;
}

static bool
is_private_ip6 (const uint8_t ip[16])
{
  static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
  static const uint8_t zeros[15] = { 0 };

  if (memcmp (ip, mapped, sizeof mapped) == 0)
    return is_private_ip4 (ip + 12);
  return (memcmp (ip, zeros, sizeof zeros) == 0 && ip[15] <= 1) /* :: and ::1 */
         || (ip[0] & 0xfe) == 0xfc                              /* fc00::/7 */
         || (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80);          /* fe80::/10 */
}

/* Names that never leave this computer or this link (RFC 6761, RFC 6762). */
static bool
is_private_name (SoukSlice value)
{
  g_autofree char *lower = g_ascii_strdown ((const char *)value.data, (gssize)value.len);
  return strcmp (lower, "localhost") == 0 || g_str_has_suffix (lower, ".localhost")
         || g_str_has_suffix (lower, ".local");
}

bool
souk_multiaddr_is_private (const SoukMultiaddr *addr)
{
  SoukMultiaddrPart parts[SOUK_MULTIADDR_PARTS_MAX];
  size_t count = souk_multiaddr_parts (addr, parts);
  size_t first = count > 1 && parts[0].code == SOUK_PROTO_IP6ZONE ? 1 : 0;

  if (count == 0)
    return false;
  switch (parts[first].code)
    {
    case SOUK_PROTO_IP4:
      return is_private_ip4 (parts[first].value.data);
    case SOUK_PROTO_IP6:
      return is_private_ip6 (parts[first].value.data);
    case SOUK_PROTO_DNS:
    case SOUK_PROTO_DNS4:
    case SOUK_PROTO_DNS6:
    case SOUK_PROTO_DNSADDR:
      return is_private_name (parts[first].value);
    default: /* a number from outside, no enum */
      return false;
    }
}
