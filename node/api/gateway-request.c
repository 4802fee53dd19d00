/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests to the gateway. See gateway-request.h.
 */
#include "api/gateway-request.h"

#include "dag/unixfs-folder.h"

#include <string.h>

#define PREFIX "/ipfs/"
#define TYPE_RAW "application/vnd.ipld.raw"
#define TYPE_CAR "application/vnd.ipld.car"
#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_BYTES "application/octet-stream"
/* What is looked at to tell text from bytes. */
#define SNIFF_SIZE_MAX 512

/* ---- path and query ---- */

/* Decodes the names of a path. Returns: (nullable): NULL when one is no text, or has a slash. */
static char *
decode_path (char *const *words)
{
  g_autoptr (GString) path = g_string_new (NULL);
  for (; *words != NULL; words++)
    {
      g_autofree char *name = g_uri_unescape_string (*words, "/");
      if (name == NULL || !g_utf8_validate (name, -1, NULL))
        return NULL;
      if (name[0] == '\0')
        continue;
      if (path->len > 0)
        g_string_append_c (path, '/');
      g_string_append (path, name);
    }
  return g_string_free (g_steal_pointer (&path), FALSE);
}

static SoukProblem *
read_path (const char *path, SoukGatewayRequest *out)
{
  g_assert (g_str_has_prefix (path, PREFIX));
  g_auto (GStrv) words = g_strsplit (path + strlen (PREFIX), "/", -1);
  if (words[0] == NULL || souk_cid_parse (words[0], &out->root) != SOUK_STATUS_OK)
    return souk_problem_new (400, "bad-cid", "\"%s\" is no content identifier.",
                             words[0] != NULL ? words[0] : "");
  out->path = decode_path (words + 1);
  if (out->path == NULL)
    return souk_problem_new (400, "bad-path", "The path is no run of names in UTF-8.");
  return NULL;
}

static SoukProblem *
bad_value (const char *name, const char *value, const char *allowed)
{
  return souk_problem_new (400, "bad-argument", "\"%s=%s\" is not known; use %s.", name, value,
                           allowed);
}

static SoukProblem *
read_format (const char *value, SoukGatewayRequest *out)
{
  if (strcmp (value, "raw") == 0)
    out->format = SOUK_GATEWAY_RAW;
  else if (strcmp (value, "car") == 0)
    out->format = SOUK_GATEWAY_CAR;
  else
    return bad_value ("format", value, "raw or car");
  return NULL;
}

static SoukProblem *
read_scope (const char *value, SoukGatewayRequest *out)
{
  if (strcmp (value, "all") == 0)
    out->scope = SOUK_WALK_ALL;
  else if (strcmp (value, "entity") == 0)
    out->scope = SOUK_WALK_ENTITY;
  else if (strcmp (value, "block") == 0)
    out->scope = SOUK_WALK_BLOCK;
  else
    return bad_value ("dag-scope", value, "all, entity or block");
  return NULL;
}

/* One argument. Arguments that a gateway may ignore are ignored: the answer says what it is. */
static SoukProblem *
read_argument (const char *name, const char *value, SoukGatewayRequest *out)
{
  if (strcmp (name, "format") == 0)
    return read_format (value, out);
  if (strcmp (name, "dag-scope") == 0)
    return read_scope (value, out);
  if (strcmp (name, "car-version") == 0 && strcmp (value, "1") != 0)
    return bad_value (name, value, "1");
  if (strcmp (name, "entity-bytes") == 0 && strcmp (value, "0:*") != 0)
    return bad_value (name, value, "0:*, or a Range of the file itself");
  if (strcmp (name, "entity-bytes") == 0)
    out->scope = SOUK_WALK_ENTITY;
  /* What could not be a file's name could break the header that it goes into. */
  if (strcmp (name, "filename") == 0 && souk_folder_name_is_valid (souk_slice_from_text (value)))
    {
      g_free (out->filename);
      out->filename = g_strdup (value);
    }
  if (strcmp (name, "download") == 0)
    out->is_download = strcmp (value, "true") == 0;
  return NULL;
}

static SoukProblem *
read_query (const char *query, SoukGatewayRequest *out)
{
  GUriParamsIter iter;
  g_autoptr (GError) error = NULL;
  char *name;
  char *value;

  g_uri_params_iter_init (&iter, query, -1, "&", G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &name, &value, &error))
    {
      SoukProblem *problem = read_argument (name, value, out);
      g_free (name);
      g_free (value);
      if (problem != NULL)
        return problem;
    }
  return error != NULL ? souk_problem_new (400, "bad-query", "The query cannot be read.") : NULL;
}

/* True when the header lists the type, with whatever parameters. */
static bool
accepts (const char *accept, const char *type)
{
  g_auto (GStrv) words = g_strsplit (accept, ",", -1);
  for (char **word = words; *word != NULL; word++)
    {
      char *end = strchr (*word, ';');
      if (end != NULL)
        *end = '\0';
      if (g_ascii_strcasecmp (g_strstrip (*word), type) == 0)
        return true;
    }
  return false;
}

SoukProblem *
souk_gateway_request_parse (const char *path, const char *query, const SoukGatewayHeaders *headers,
                            SoukGatewayRequest *out)
{
  SoukGatewayRequest self = { .scope = SOUK_WALK_ALL };
  SoukProblem *problem = NULL;

  /* A worker of strangers' content would see every later request of its page. */
  if (g_strcmp0 (headers->service_worker, "script") == 0)
    return souk_problem_new (400, "service-worker", "Content here is no service worker.");
  if (headers->accept != NULL && accepts (headers->accept, TYPE_RAW))
    self.format = SOUK_GATEWAY_RAW;
  else if (headers->accept != NULL && accepts (headers->accept, TYPE_CAR))
    self.format = SOUK_GATEWAY_CAR;
  problem = read_path (path, &self);
  /* "format SHOULD take precedence" over Accept. */
  if (problem == NULL && query != NULL)
    problem = read_query (query, &self);
  if (problem == NULL)
    *out = self;
  else
    souk_gateway_request_done (&self);
  return problem;
}

void
souk_gateway_request_done (SoukGatewayRequest *self)
{
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->filename, g_free);
}

/* ---- headers ---- */

/* Reads a number that ends where `end` stands. */
static bool
read_number (const char *text, const char *end, uint64_t *out)
{
  g_autofree char *digits = g_strndup (text, (gsize)(end - text));
  guint64 value;
  if (!g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT64, &value, NULL))
    return false;
  *out = value;
  return true;
}

SoukGatewayRange
souk_gateway_range (const char *header, uint64_t size, uint64_t *out_offset, uint64_t *out_len)
{
  static const char unit[] = "bytes=";
  uint64_t first;
  uint64_t last = G_MAXUINT64;

  if (header == NULL || !g_str_has_prefix (header, unit) || strchr (header, ',') != NULL)
    return SOUK_GATEWAY_WHOLE;
  const char *from = header + strlen (unit);
  const char *dash = strchr (from, '-');
  if (dash == NULL)
    return SOUK_GATEWAY_WHOLE;
  if (dash == from)
    {
      /* The last so many bytes. */
      if (!read_number (dash + 1, dash + strlen (dash), &last))
        return SOUK_GATEWAY_WHOLE;
      if (last == 0 || size == 0)
        return SOUK_GATEWAY_NO_PART;
      *out_len = MIN (last, size);
      *out_offset = size - *out_len;
      return SOUK_GATEWAY_PART;
    }
  if (!read_number (from, dash, &first)
      || (dash[1] != '\0' && !read_number (dash + 1, dash + strlen (dash), &last)) || last < first)
    return SOUK_GATEWAY_WHOLE;
  if (first >= size)
    return SOUK_GATEWAY_NO_PART;
  *out_offset = first;
  *out_len = MIN (last, size - 1) - first + 1;
  return SOUK_GATEWAY_PART;
}

static const char *
without_weakness (const char *etag)
{
  return g_str_has_prefix (etag, "W/") ? etag + 2 : etag;
}

bool
souk_gateway_etag_matches (const char *header, const char *etag)
{
  if (header == NULL)
    return false;
  g_auto (GStrv) words = g_strsplit (header, ",", -1);
  for (char **word = words; *word != NULL; word++)
    {
      const char *one = g_strstrip (*word);
      if (strcmp (one, "*") == 0 || strcmp (without_weakness (one), without_weakness (etag)) == 0)
        return true;
    }
  return false;
}

/* ---- types ---- */

typedef struct {
  const char *suffixes; /* with a space before and behind each */
  const char *type;
} NameType;

static const NameType name_types[] = {
  { " png ", "image/png" },
  { " jpg jpeg ", "image/jpeg" },
  { " gif ", "image/gif" },
  { " webp ", "image/webp" },
  { " avif ", "image/avif" },
  { " bmp ", "image/bmp" },
  { " mp3 ", "audio/mpeg" },
  { " ogg oga opus ", "audio/ogg" },
  { " wav ", "audio/wav" },
  { " flac ", "audio/flac" },
  { " m4a ", "audio/mp4" },
  { " mp4 m4v ", "video/mp4" },
  { " webm ", "video/webm" },
  { " ogv ", "video/ogg" },
  { " pdf ", "application/pdf" },
  { " json ", "application/json" },
  { " txt md csv log xml html htm xhtml svg js mjs css c h py rs go rb toml yaml yml ", TYPE_TEXT },
};

const char *
souk_gateway_type_of_name (const char *name)
{
  const char *dot = name != NULL ? strrchr (name, '.') : NULL;
  if (dot == NULL || dot[1] == '\0' || strchr (dot, ' ') != NULL)
    return NULL;
  g_autofree char *lower = g_ascii_strdown (dot + 1, -1);
  g_autofree char *word = g_strdup_printf (" %s ", lower);
  for (size_t i = 0; i < G_N_ELEMENTS (name_types); i++)
    if (strstr (name_types[i].suffixes, word) != NULL)
      return name_types[i].type;
  return NULL;
}

typedef struct {
  size_t offset;
  SoukSlice magic;
  const char *type;
} BytesType;

static bool
is_text (SoukSlice start)
{
  const char *text = (const char *)start.data;
  const char *end = text;
  for (size_t i = 0; i < start.len; i++)
    if (start.data[i] < ' ' && (start.data[i] == 0 || strchr ("\t\n\f\r", start.data[i]) == NULL))
      return false;
  /* The last character may be cut. */
  return start.len == 0 || g_utf8_validate_len (text, start.len, &end)
         || (size_t)(text + start.len - end) < 4;
}

const char *
souk_gateway_type_of_bytes (SoukSlice start)
{
  static const BytesType types[] = {
    { 0, { (const uint8_t *)"\x89PNG\r\n\x1a\n", 8 }, "image/png" },
    { 0, { (const uint8_t *)"\xff\xd8\xff", 3 }, "image/jpeg" },
    { 0, { (const uint8_t *)"GIF8", 4 }, "image/gif" },
    { 8, { (const uint8_t *)"WEBP", 4 }, "image/webp" },
    { 8, { (const uint8_t *)"WAVE", 4 }, "audio/wav" },
    { 0, { (const uint8_t *)"%PDF-", 5 }, "application/pdf" },
    { 4, { (const uint8_t *)"ftyp", 4 }, "video/mp4" },
    { 0, { (const uint8_t *)"\x1a\x45\xdf\xa3", 4 }, "video/webm" },
    { 0, { (const uint8_t *)"OggS", 4 }, "audio/ogg" },
    { 0, { (const uint8_t *)"fLaC", 4 }, "audio/flac" },
    { 0, { (const uint8_t *)"ID3", 3 }, "audio/mpeg" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const BytesType *type = &types[i];
      if (start.len >= type->offset + type->magic.len
          && memcmp (start.data + type->offset, type->magic.data, type->magic.len) == 0)
        return type->type;
    }
  SoukSlice head = souk_slice (start.data, MIN (start.len, SNIFF_SIZE_MAX));
  return is_text (head) ? TYPE_TEXT : TYPE_BYTES;
}
