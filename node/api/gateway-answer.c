/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Status and headers of the gateway's answers. See gateway-private.h.
 *
 * What a CID names never changes, so a client may keep it for ever; it may not share it, since the
 * request bears a token. A list is made by this program and may look different in a later version.
 */
#include "api/gateway-private.h"

#define CACHE_FOR_EVER "private, max-age=31536000, immutable"
#define CACHE_A_WHILE "private, max-age=3600"

static const char *
scope_word (SoukWalkScope scope)
{
  switch (scope)
    {
    case SOUK_WALK_BLOCK:
      return "block";
    case SOUK_WALK_ENTITY:
      return "entity";
    case SOUK_WALK_ALL:
      return "all";
    }
  return "all";
}

/* A CID says whether it is a file's or a folder's, so the file and the list can have one tag. */
char *
souk_gateway_etag (const SoukGatewayRequest *request, const SoukCid *cid)
{
  g_autofree char *text = souk_cid_to_string (cid);
  switch (request->format)
    {
    case SOUK_GATEWAY_CONTENT:
      return g_strdup_printf ("\"%s\"", text);
    case SOUK_GATEWAY_RAW:
      return g_strdup_printf ("\"%s.raw\"", text);
    case SOUK_GATEWAY_CAR:
      /* The same blocks, but not the same bytes, when another path leads to them. */
      return g_strdup_printf ("W/\"%s.%s.car\"", scope_word (request->scope), text);
    }
  return g_strdup_printf ("\"%s\"", text);
}

static SoupMessageHeaders *
set_head (SoukGatewayJob *self, guint status)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  const char *path = g_uri_get_path (soup_server_message_get_uri (self->message));
  self->has_head = true;
  /* What the client has taken is forgotten at once. */
  soup_message_body_set_accumulate (soup_server_message_get_response_body (self->message), FALSE);
  soup_server_message_set_status (self->message, status, NULL);
  soup_message_headers_replace (headers, "ETag", self->etag);
  soup_message_headers_replace (headers, "Cache-Control", CACHE_FOR_EVER);
  soup_message_headers_replace (headers, "X-Ipfs-Path", path);
  soup_message_headers_replace (headers, "Vary", "Accept, Authorization");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace (headers, "Content-Security-Policy",
                                "sandbox; default-src 'none'; frame-ancestors 'none'");
  soup_message_headers_replace (headers, "Cross-Origin-Resource-Policy", "same-origin");
  soup_message_headers_replace (headers, "Referrer-Policy", "no-referrer");
  return headers;
}

bool
souk_gateway_answer_unchanged (SoukGatewayJob *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);
  const char *known = soup_message_headers_get_list (headers, "If-None-Match");
  if (!souk_gateway_etag_matches (known, self->etag))
    return false;
  set_head (self, SOUP_STATUS_NOT_MODIFIED);
  return true;
}

bool
souk_gateway_take_range (SoukGatewayJob *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);
  const char *range = soup_message_headers_get_one (headers, "Range");
  const char *if_range = soup_message_headers_get_one (headers, "If-Range");

  self->offset = 0;
  self->len = self->size;
  if (if_range != NULL && g_strcmp0 (if_range, self->etag) != 0)
    range = NULL;
  switch (souk_gateway_range (range, self->size, &self->offset, &self->len))
    {
    case SOUK_GATEWAY_WHOLE:
      return true;
    case SOUK_GATEWAY_PART:
      self->is_part = true;
      return true;
    case SOUK_GATEWAY_NO_PART:
      break;
    }
  g_autofree char *text = g_strdup_printf ("bytes */%" G_GUINT64_FORMAT, self->size);
  headers = set_head (self, SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE);
  soup_message_headers_replace (headers, "Content-Range", text);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_remove (headers, "ETag");
  soup_message_headers_set_content_length (headers, 0);
  return false;
}

static void
set_disposition (SoupMessageHeaders *headers, const char *kind, const char *name)
{
  g_autoptr (GHashTable) params = g_hash_table_new (g_str_hash, g_str_equal);
  if (name != NULL)
    g_hash_table_insert (params, (gpointer) "filename", (gpointer)name);
  soup_message_headers_set_content_disposition (headers, kind, params);
}

/* The head of something whose size is known, or of a part of it. */
static SoupMessageHeaders *
set_sized_head (SoukGatewayJob *self, const char *type)
{
  SoupMessageHeaders *headers
      = set_head (self, self->is_part ? SOUP_STATUS_PARTIAL_CONTENT : SOUP_STATUS_OK);
  soup_message_headers_set_content_length (headers, (goffset)self->len);
  soup_message_headers_replace (headers, "Content-Type", type);
  soup_message_headers_replace (headers, "Accept-Ranges", "bytes");
  if (self->is_part)
    soup_message_headers_set_content_range (headers, (goffset)self->offset,
                                            (goffset)(self->offset + self->len - 1),
                                            (goffset)self->size);
  return headers;
}

void
souk_gateway_answer_file (SoukGatewayJob *self)
{
  SoupMessageHeaders *headers = set_sized_head (self, self->type);
  if (self->request.is_download)
    set_disposition (headers, "attachment", self->name);
  else if (self->request.filename != NULL)
    set_disposition (headers, "inline", self->name);
}

/* "MUST be returned and set to attachment to ensure requested bytes are not rendered". */
static void
set_attachment (SoukGatewayJob *self, SoupMessageHeaders *headers, const char *suffix)
{
  g_autofree char *cid = souk_cid_to_string (&self->cid);
  g_autofree char *name = g_strconcat (cid, suffix, NULL);
  set_disposition (headers, "attachment",
                   self->request.filename != NULL ? self->request.filename : name);
}

void
souk_gateway_answer_raw (SoukGatewayJob *self)
{
  SoupMessageHeaders *headers = set_sized_head (self, "application/vnd.ipld.raw");
  set_attachment (self, headers, ".bin");
}

void
souk_gateway_answer_car (SoukGatewayJob *self)
{
  SoupMessageHeaders *headers = set_head (self, SOUP_STATUS_OK);
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_headers_replace (headers, "Content-Type",
                                "application/vnd.ipld.car; version=1; order=dfs; dups=n");
  soup_message_headers_replace (headers, "Accept-Ranges", "none");
  set_attachment (self, headers, ".car");
}

void
souk_gateway_answer_list (SoukGatewayJob *self)
{
  SoupMessageHeaders *headers = set_head (self, SOUP_STATUS_OK);
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_headers_replace (headers, "Content-Type", "application/json");
  soup_message_headers_replace (headers, "Cache-Control", CACHE_A_WHILE);
}
