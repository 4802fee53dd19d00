/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Header checks. See guard.h.
 */
#include "api/guard.h"

#include <glib.h>
#include <string.h>

static const char *const loopback_names[] = { "localhost", "127.0.0.1", "[::1]" };

bool
souk_guard_host_is_loopback (const char *host, uint16_t port)
{
  if (host == NULL)
    return false;
  g_autofree char *suffix = g_strdup_printf (":%u", port);
  for (size_t i = 0; i < G_N_ELEMENTS (loopback_names); i++)
    {
      size_t len = strlen (loopback_names[i]);
      if (g_ascii_strncasecmp (host, loopback_names[i], len) != 0)
        continue;
      const char *rest = host + len;
      if (strcmp (rest, suffix) == 0 || (*rest == '\0' && port == 80))
        return true;
    }
  return false;
}

bool
souk_guard_origin_is_own (const char *origin, uint16_t port)
{
  if (origin == NULL)
    return true;
  return g_str_has_prefix (origin, "http://")
         && souk_guard_host_is_loopback (origin + strlen ("http://"), port);
}

bool
souk_guard_content_type_is (const char *content_type, const char *wanted)
{
  if (content_type == NULL)
    return false;
  size_t len = strcspn (content_type, "; \t");
  return len == strlen (wanted) && g_ascii_strncasecmp (content_type, wanted, len) == 0;
}

const char *
souk_guard_bearer (const char *authorization)
{
  if (authorization == NULL || g_ascii_strncasecmp (authorization, "Bearer ", 7) != 0)
    return NULL;
  return authorization[7] != '\0' ? authorization + 7 : NULL;
}
