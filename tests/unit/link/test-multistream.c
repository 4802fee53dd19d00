/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Agreeing on a protocol.
 */
#include "link/multistream.h"

#include "link/multistream-codec.h"
#include "link/multistream-limits.h"

#include <string.h>

#define HEADER "\x13/multistream/1.0.0\n"

static const char *const offers[] = { "/b/1", "/c/1", NULL };
static const char *const served[] = { "/a/1", "/c/1", NULL };

/* Feeds `text` as it stands. */
static SoukStatus
feed (SoukMultistream *self, const char *const *protocols, SoukSlice text, GByteArray *out,
      size_t *used)
{
  g_byte_array_set_size (out, 0);
  return souk_multistream_recv (self, protocols, text, used, out);
}

static void
assert_bytes (const GByteArray *out, const char *expected)
{
  g_assert_cmpmem (out->data, out->len, expected, strlen (expected));
}

static void
test_second_choice (void)
{
  g_autoptr (GByteArray) a = g_byte_array_new ();
  g_autoptr (GByteArray) b = g_byte_array_new ();
  SoukMultistream dialler, listener;
  size_t used = 0;
  souk_multistream_dial (&dialler, offers, a);
  assert_bytes (a, HEADER "\x05/b/1\n");
  souk_multistream_listen (&listener);
  g_assert_cmpint (feed (&listener, served, souk_slice_from_array (a), b, &used), ==,
                   SOUK_STATUS_OK);
  assert_bytes (b, HEADER "\x03na\n");
  g_assert_false (listener.is_done);
  g_assert_cmpint (feed (&dialler, offers, souk_slice_from_array (b), a, &used), ==,
                   SOUK_STATUS_OK);
  assert_bytes (a, "\x05/c/1\n");
  souk_append (a, SOUK_SLICE_LITERAL ("early data"));
  g_assert_cmpint (feed (&listener, served, souk_slice_from_array (a), b, &used), ==,
                   SOUK_STATUS_OK);
  g_assert_true (listener.is_done);
  g_assert_cmpuint (listener.chosen, ==, 1);
  g_assert_cmpuint (used, ==, 6);
  assert_bytes (b, "\x05/c/1\n");
  g_assert_cmpint (feed (&dialler, offers, souk_slice_from_array (b), a, &used), ==,
                   SOUK_STATUS_OK);
  g_assert_true (dialler.is_done);
  g_assert_cmpuint (dialler.chosen, ==, 1);
}

static void
test_refused (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  SoukMultistream dialler;
  size_t used = 0;
  souk_multistream_dial (&dialler, offers, out);
  g_assert_cmpint (
      feed (&dialler, offers, SOUK_SLICE_LITERAL (HEADER "\x03na\n\x03na\n"), out, &used), ==,
      SOUK_STATUS_PROTOCOL_REFUSED);
}

static void
test_list (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  SoukMultistream listener;
  size_t used = 0;
  souk_multistream_listen (&listener);
  g_assert_cmpint (feed (&listener, served, SOUK_SLICE_LITERAL (HEADER "\x03ls\n"), out, &used), ==,
                   SOUK_STATUS_OK);
  assert_bytes (out, HEADER "\x0d\x05/a/1\n\x05/c/1\n\n");
  g_assert_cmpint (feed (&listener, served, SOUK_SLICE_LITERAL ("\x05/a/1\n"), out, &used), ==,
                   SOUK_STATUS_OK);
  g_assert_true (listener.is_done);
}

static void
test_garbage (void)
{
  static const struct {
    const char *text;
    SoukStatus status;
  } cases[] = {
    { "\x05/a/1\n", SOUK_STATUS_BAD_MULTISTREAM },       /* no header */
    { HEADER "\x05/a/1x", SOUK_STATUS_BAD_MULTISTREAM }, /* no newline */
    { "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", SOUK_STATUS_BAD_VARINT },
    { "\xff\xff\x03", SOUK_STATUS_TOO_LARGE },
    { "GET / HTTP/1.1\r\nHost: somewhere.example.org, and much more behind it\r\n\r\n\r\n\r\n",
      SOUK_STATUS_BAD_MULTISTREAM },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();
      SoukMultistream listener;
      size_t used = 7;
      souk_multistream_listen (&listener);
      g_assert_cmpint (feed (&listener, served, souk_slice_from_text (cases[i].text), out, &used),
                       ==, cases[i].status);
      g_assert_cmpuint (used, ==, 0);
    }
  /* A length of nothing has no room for the newline. */
  g_autoptr (GByteArray) out = g_byte_array_new ();
  SoukMultistream listener;
  size_t used = 0;
  souk_multistream_listen (&listener);
  g_assert_cmpint (feed (&listener, served, souk_slice ("\0\0", 2), out, &used), ==,
                   SOUK_STATUS_BAD_MULTISTREAM);
}

static void
test_bytewise (void)
{
  static const char text[] = HEADER "\x03ls\n\x03xy\n\x05/c/1\nrest";
  g_autoptr (GByteArray) out = g_byte_array_new ();
  SoukMultistream listener;
  size_t at = 0;
  souk_multistream_listen (&listener);
  for (size_t end = 1; end < sizeof text && !listener.is_done; end++)
    {
      size_t used = 0;
      g_assert_cmpint (
          souk_multistream_recv (&listener, served, souk_slice (text + at, end - at), &used, out),
          ==, SOUK_STATUS_OK);
      at += used;
    }
  g_assert_true (listener.is_done);
  g_assert_cmpstr (text + at, ==, "rest");
}

static void
test_rounds (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  SoukMultistream listener;
  size_t used = 0;
  SoukStatus status = SOUK_STATUS_OK;
  unsigned n = 0;
  souk_multistream_listen (&listener);
  feed (&listener, served, SOUK_SLICE_LITERAL (HEADER), out, &used);
  for (; status == SOUK_STATUS_OK && n < 100; n++)
    status = feed (&listener, served, SOUK_SLICE_LITERAL ("\x03zz\n"), out, &used);
  g_assert_cmpint (status, ==, SOUK_STATUS_BAD_MULTISTREAM);
  g_assert_cmpuint (n, ==, SOUK_MULTISTREAM_ROUNDS_MAX + 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link/multistream/the-second-offer-is-taken-when-the-first-is-refused",
                   test_second_choice);
  g_test_add_func ("/link/multistream/refusing-every-offer-ends-the-negotiation", test_refused);
  g_test_add_func ("/link/multistream/ls-lists-what-is-served", test_list);
  g_test_add_func ("/link/multistream/garbage-is-refused-with-its-reason", test_garbage);
  g_test_add_func ("/link/multistream/bytes-may-come-one-by-one", test_bytewise);
  g_test_add_func ("/link/multistream/a-listener-answers-only-so-many-questions", test_rounds);
  return g_test_run ();
}
