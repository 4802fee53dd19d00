/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Timelines and retries. PURE. See machine.h.
 */
#include "market/machine.h"

#include <string.h>

void
souk_seen_change (SoukSeen *self, SoukSeenChange change)
{
  switch (change)
    {
    case SOUK_SEEN_KEEPS:
      return;
    case SOUK_SEEN_BECOMES_NOTHING:
      *self = SOUK_SEEN_NOTHING;
      return;
    case SOUK_SEEN_BECOMES_SENT:
      *self = SOUK_SEEN_SENT;
      return;
    case SOUK_SEEN_BECOMES_SEEN:
      *self = SOUK_SEEN_SEEN;
      return;
    }
}

void
souk_timeline_add (SoukTimeline *self, uint32_t phase, SoukWall at)
{
  if (self->len == SOUK_TIMELINE_MAX)
    {
      /* The oldest after the head goes. */
      memmove (&self->entries[SOUK_TIMELINE_HEAD], &self->entries[SOUK_TIMELINE_HEAD + 1],
               (SOUK_TIMELINE_MAX - SOUK_TIMELINE_HEAD - 1) * sizeof self->entries[0]);
      self->len--;
    }
  self->entries[self->len++] = (SoukTimelineEntry){ phase, at };
}

SoukWall
souk_timeline_since (const SoukTimeline *self)
{
  return self->len > 0 ? self->entries[self->len - 1].at : (SoukWall){ 0 };
}

void
souk_retry_reset (SoukRetry *self)
{
  *self = (SoukRetry){ 0 };
}

bool
souk_retry_take (SoukRetry *self, SoukWall now)
{
  if (self->is_issued || self->due.us > now.us)
    return false;
  self->is_issued = true;
  return true;
}

void
souk_retry_later (SoukRetry *self, uint32_t first_ms, SoukWall now)
{
  uint64_t pause = (uint64_t)first_ms << MIN (self->tries, 16);
  self->due.us = now.us + (int64_t)MIN (pause, SOUK_RETRY_PAUSE_MS_MAX) * SOUK_US_PER_MS;
  self->is_issued = false;
  if (self->tries < UINT32_MAX)
    self->tries++;
}

void
souk_sentence_copy (char *out, size_t size, const char *text)
{
  const char *end;
  g_strlcpy (out, text != NULL ? text : "", size);
  g_utf8_validate (out, -1, &end);
  out[end - out] = '\0';
  for (char *at = out; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      *at = ' ';
}
