/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Agreeing on a protocol: multistream-select 1.0. PURE. See multistream.h.
 */
#include "link/multistream.h"

#include "link/multistream-codec.h"
#include "link/multistream-limits.h"

#include <string.h>

#define HEADER "/multistream/1.0.0"
#define REFUSAL "na"
#define LIST "ls"

static bool
is_text (SoukSlice message, const char *text)
{
  return souk_slice_is_equal (message, souk_slice_from_text (text));
}

void
souk_multistream_dial (SoukMultistream *self, const char *const *protocols, GByteArray *out)
{
  g_assert (protocols[0] != NULL);
  *self = (SoukMultistream){ .is_dialler = true };
  souk_multistream_append (out, HEADER);
  souk_multistream_append (out, protocols[0]);
}

void
souk_multistream_listen (SoukMultistream *self)
{
  *self = (SoukMultistream){ .is_dialler = false };
}

static SoukStatus
take_answer (SoukMultistream *self, const char *const *protocols, SoukSlice message,
             GByteArray *out)
{
  if (is_text (message, protocols[self->rounds]))
    {
      self->chosen = self->rounds;
      self->is_done = true;
      return SOUK_STATUS_OK;
    }
  if (!is_text (message, REFUSAL))
    return SOUK_STATUS_BAD_MULTISTREAM;
  if (protocols[self->rounds + 1] == NULL || self->rounds + 1 == SOUK_MULTISTREAM_ROUNDS_MAX)
    return SOUK_STATUS_PROTOCOL_REFUSED;
  self->rounds++;
  souk_multistream_append (out, protocols[self->rounds]);
  return SOUK_STATUS_OK;
}

static SoukStatus
take_question (SoukMultistream *self, const char *const *protocols, SoukSlice message,
               GByteArray *out)
{
  if (self->rounds++ == SOUK_MULTISTREAM_ROUNDS_MAX)
    return SOUK_STATUS_BAD_MULTISTREAM;
  if (is_text (message, LIST))
    {
      souk_multistream_append_list (out, protocols);
      return SOUK_STATUS_OK;
    }
  for (size_t i = 0; protocols[i] != NULL; i++)
    if (is_text (message, protocols[i]))
      {
        souk_multistream_append (out, protocols[i]);
        self->chosen = i;
        self->is_done = true;
        return SOUK_STATUS_OK;
      }
  souk_multistream_append (out, REFUSAL);
  return SOUK_STATUS_OK;
}

static SoukStatus
take_message (SoukMultistream *self, const char *const *protocols, SoukSlice message,
              GByteArray *out)
{
  if (!self->has_header)
    {
      /* "If either side receives anything other than the multistream protocol id as the first
       * message, they abort the negotiation process." */
      if (!is_text (message, HEADER))
        return SOUK_STATUS_BAD_MULTISTREAM;
      self->has_header = true;
      if (!self->is_dialler)
        souk_multistream_append (out, HEADER);
      return SOUK_STATUS_OK;
    }
  return self->is_dialler ? take_answer (self, protocols, message, out)
                          : take_question (self, protocols, message, out);
}

SoukStatus
souk_multistream_recv (SoukMultistream *self, const char *const *protocols, SoukSlice in,
                       size_t *out_used, GByteArray *out)
{
  size_t used = 0;
  *out_used = 0;
  while (!self->is_done && used < in.len)
    {
      SoukSlice message = SOUK_SLICE_EMPTY;
      size_t taken = 0;
      SoukStatus status
          = souk_multistream_read (souk_slice (in.data + used, in.len - used), &message, &taken);
      if (status == SOUK_STATUS_SHORT_READ)
        break;
      SOUK_TRY (status);
      SOUK_TRY (take_message (self, protocols, message, out));
      used += taken;
    }
  *out_used = used;
  return SOUK_STATUS_OK;
}
