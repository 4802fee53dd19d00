/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a request to the gateway asks for (IPFS specs: path gateway, trustless gateway): path, query
 * and headers, without a server, so that it is tested alone. GLIB, any thread.
 */
#pragma once
#include "api/call.h"
#include "base/cid.h"
#include "dag/walk.h"

typedef enum {
  SOUK_GATEWAY_CONTENT, /* the file, or a folder's list as JSON */
  SOUK_GATEWAY_RAW,     /* application/vnd.ipld.raw */
  SOUK_GATEWAY_CAR,     /* application/vnd.ipld.car */
} SoukGatewayFormat;

typedef struct {
  SoukCid root;
  char *path; /* below the root, decoded: "a/b"; "" for the root itself */
  SoukGatewayFormat format;
  SoukWalkScope scope;
  char *filename; /* nullable */
  bool is_download;
} SoukGatewayRequest;

/* The headers that matter; each may be NULL. */
typedef struct {
  const char *accept;
  const char *service_worker;
} SoukGatewayHeaders;

/* Reads "/ipfs/{cid}[/{path}]" and the query, both as they stand in the request line.
 * Returns: (nullable) (transfer full): what is wrong; then nothing is to be freed. */
SoukProblem *souk_gateway_request_parse (const char *path, const char *query,
                                         const SoukGatewayHeaders *headers,
                                         SoukGatewayRequest *out);
void souk_gateway_request_done (SoukGatewayRequest *self);

/* A part of `size` bytes. */
typedef enum {
  SOUK_GATEWAY_WHOLE, /* no range, or one that is not understood: to be ignored */
  SOUK_GATEWAY_PART,
  SOUK_GATEWAY_NO_PART, /* 416 */
} SoukGatewayRange;

/* Reads a Range header of one range of bytes (RFC 9110, 14.2). Both numbers are set for PART alone. */
SoukGatewayRange souk_gateway_range (const char *header, uint64_t size, uint64_t *out_offset,
                                     uint64_t *out_len);

/* True when an If-None-Match header names the entity tag; weak and strong ones are the same here. */
bool souk_gateway_etag_matches (const char *header, const char *etag);

/* The Content-Type of a file by its name (nullable); NULL when the name says nothing. What a browser
 * would run, HTML and SVG among it, is plain text. Borrowed. */
const char *souk_gateway_type_of_name (const char *name);
/* The same by its first bytes; never NULL. */
const char *souk_gateway_type_of_bytes (SoukSlice start);
