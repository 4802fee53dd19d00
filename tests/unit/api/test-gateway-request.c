/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/gateway-request.h"

#include "support.h"

#define CID "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4"

/* Parses. Returns: the problem's code, or NULL when it is good. */
static char *
parse (const char *path, const char *query, const char *accept, SoukGatewayRequest *out)
{
  SoukGatewayHeaders headers = { .accept = accept };
  g_autoptr (SoukProblem) problem = souk_gateway_request_parse (path, query, &headers, out);
  return problem != NULL ? g_strdup (problem->code) : NULL;
}

static void
test_paths (void)
{
  static const struct {
    const char *path;
    const char *want; /* NULL: refused */
  } cases[] = {
    { "/ipfs/" CID, "" },
    { "/ipfs/" CID "/", "" },
    { "/ipfs/" CID "/a//b/", "a/b" },
    { "/ipfs/" CID "/%C3%A9", "\xc3\xa9" },
    { "/ipfs/" CID "/a%2Fb", NULL },
    { "/ipfs/" CID "/%FF", NULL },
    { "/ipfs/" CID "/%00", NULL },
    { "/ipfs/" CID "/%zz", NULL },
    { "/ipfs/", NULL },
    { "/ipfs/nonsense/a", NULL },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SoukGatewayRequest request;
      g_autofree char *code = parse (cases[i].path, NULL, NULL, &request);
      g_assert_true ((code == NULL) == (cases[i].want != NULL));
      if (code != NULL)
        continue;
      g_assert_cmpstr (request.path, ==, cases[i].want);
      g_assert_cmpint (request.format, ==, SOUK_GATEWAY_CONTENT);
      souk_gateway_request_done (&request);
    }
}

static void
test_queries (void)
{
  static const char *const bad[]
      = { "format=tar", "format=car&dag-scope=some", "car-version=2", "entity-bytes=1:2", "a=%zz" };
  SoukGatewayRequest request;
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *code = parse ("/ipfs/" CID, bad[i], NULL, &request);
      g_assert_nonnull (code);
    }
  g_assert_null (parse ("/ipfs/" CID, "format=car&dag-scope=block&filename=a%0Ab&download=true",
                        "application/vnd.ipld.raw", &request));
  g_assert_cmpint (request.format, ==, SOUK_GATEWAY_CAR);
  g_assert_cmpint (request.scope, ==, SOUK_WALK_BLOCK);
  g_assert_null (request.filename);
  g_assert_true (request.is_download);
  souk_gateway_request_done (&request);
  g_assert_null (parse ("/ipfs/" CID, "filename=a&filename=b",
                        "text/html, Application/vnd.ipld.car; version=1", &request));
  g_assert_cmpint (request.format, ==, SOUK_GATEWAY_CAR);
  g_assert_cmpstr (request.filename, ==, "b");
  souk_gateway_request_done (&request);
}

static void
test_ranges (void)
{
  static const struct {
    const char *header;
    uint64_t size;
    SoukGatewayRange want;
    uint64_t offset;
    uint64_t len;
  } cases[] = {
    { NULL, 10, SOUK_GATEWAY_WHOLE, 0, 0 },
    { "bytes=0-", 10, SOUK_GATEWAY_PART, 0, 10 },
    { "bytes=2-3", 10, SOUK_GATEWAY_PART, 2, 2 },
    { "bytes=9-18446744073709551615", 10, SOUK_GATEWAY_PART, 9, 1 },
    { "bytes=-3", 10, SOUK_GATEWAY_PART, 7, 3 },
    { "bytes=-30", 10, SOUK_GATEWAY_PART, 0, 10 },
    { "bytes=-0", 10, SOUK_GATEWAY_NO_PART, 0, 0 },
    { "bytes=10-", 10, SOUK_GATEWAY_NO_PART, 0, 0 },
    { "bytes=0-0", 0, SOUK_GATEWAY_NO_PART, 0, 0 },
    { "bytes=-1", 0, SOUK_GATEWAY_NO_PART, 0, 0 },
    { "bytes=3-2", 10, SOUK_GATEWAY_WHOLE, 0, 0 },
    { "bytes=1-2,4-5", 10, SOUK_GATEWAY_WHOLE, 0, 0 },
    { "bytes=+1-2", 10, SOUK_GATEWAY_WHOLE, 0, 0 },
    { "bytes=1", 10, SOUK_GATEWAY_WHOLE, 0, 0 },
    { "bytes=-", 10, SOUK_GATEWAY_WHOLE, 0, 0 },
    { "bytes=18446744073709551616-", 10, SOUK_GATEWAY_WHOLE, 0, 0 },
    { "items=0-1", 10, SOUK_GATEWAY_WHOLE, 0, 0 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      uint64_t offset = 0;
      uint64_t len = 0;
      g_assert_cmpint (souk_gateway_range (cases[i].header, cases[i].size, &offset, &len), ==,
                       cases[i].want);
      if (cases[i].want != SOUK_GATEWAY_PART)
        continue;
      g_assert_cmpuint (offset, ==, cases[i].offset);
      g_assert_cmpuint (len, ==, cases[i].len);
    }
}

static void
test_etags (void)
{
  g_assert_false (souk_gateway_etag_matches (NULL, "\"a\""));
  g_assert_true (souk_gateway_etag_matches ("\"a\"", "\"a\""));
  g_assert_true (souk_gateway_etag_matches ("\"b\" , W/\"a\"", "\"a\""));
  g_assert_true (souk_gateway_etag_matches ("\"a\"", "W/\"a\""));
  g_assert_true (souk_gateway_etag_matches ("*", "\"a\""));
  g_assert_false (souk_gateway_etag_matches ("\"ab\"", "\"a\""));
}

static void
test_types (void)
{
  static const char *const runs[] = { "a.html", "a.HTM", "a.svg", "a.js", "a.xhtml", "a.xml" };
  for (size_t i = 0; i < G_N_ELEMENTS (runs); i++)
    g_assert_cmpstr (souk_gateway_type_of_name (runs[i]), ==, "text/plain; charset=utf-8");
  g_assert_cmpstr (souk_gateway_type_of_name ("a.b.PNG"), ==, "image/png");
  g_assert_null (souk_gateway_type_of_name ("png"));
  g_assert_null (souk_gateway_type_of_name ("a."));
  g_assert_null (souk_gateway_type_of_name ("a.jpg jpeg"));
  g_assert_null (souk_gateway_type_of_name (NULL));

  g_assert_cmpstr (souk_gateway_type_of_bytes (SOUK_SLICE_EMPTY), ==, "text/plain; charset=utf-8");
  g_assert_cmpstr (souk_gateway_type_of_bytes (SOUK_SLICE_LITERAL ("<html><script>")), ==,
                   "text/plain; charset=utf-8");
  g_assert_cmpstr (souk_gateway_type_of_bytes (SOUK_SLICE_LITERAL ("\x89PNG\r\n\x1a\n")), ==,
                   "image/png");
  g_assert_cmpstr (souk_gateway_type_of_bytes (SOUK_SLICE_LITERAL ("cut \xc3")), ==,
                   "text/plain; charset=utf-8");
  g_assert_cmpstr (souk_gateway_type_of_bytes (SOUK_SLICE_LITERAL ("a\0b")), ==,
                   "application/octet-stream");
  g_assert_cmpstr (souk_gateway_type_of_bytes (SOUK_SLICE_LITERAL ("\xff\xfe text")), ==,
                   "application/octet-stream");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/api/gateway-request/a-path-is-a-cid-and-names", test_paths);
  g_test_add_func ("/api/gateway-request/the-query-wins-over-accept", test_queries);
  g_test_add_func ("/api/gateway-request/one-range-of-bytes-is-understood", test_ranges);
  g_test_add_func ("/api/gateway-request/entity-tags-match-weakly", test_etags);
  g_test_add_func ("/api/gateway-request/nothing-that-a-browser-runs-is-called-so", test_types);
  return g_test_run ();
}
