/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state of this computer for the provider's rules. GLIB. See policy-state.h.
 */
#include "exec/policy-state.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define UNKNOWN_ROOM_MB (UINT64_C (1) << 40)

/* Whether the file `name` of a power supply holds the word `word`. */
static bool
supply_says (const char *supply, const char *name, const char *word)
{
  g_autofree char *path = g_build_filename (supply, name, NULL);
  g_autofree char *text = NULL;
  return g_file_get_contents (path, &text, NULL, NULL) && strcmp (g_strstrip (text), word) == 0;
}

bool
souk_policy_is_on_battery (const char *power_folder)
{
  g_autoptr (GDir) dir = g_dir_open (power_folder, 0, NULL);
  const char *name;
  bool is_discharging = false;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *supply = g_build_filename (power_folder, name, NULL);
      if (supply_says (supply, "type", "Mains") && supply_says (supply, "online", "1"))
        return false;
      /* Batteries of mice and keyboards have the scope "Device". */
      if (supply_says (supply, "type", "Battery") && !supply_says (supply, "scope", "Device")
          && supply_says (supply, "status", "Discharging"))
        is_discharging = true;
    }
  return is_discharging;
}

static uint64_t
memory_free_mb (void)
{
  g_autofree char *text = NULL;
  const char *at;
  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL)
      || (at = strstr (text, "MemAvailable:")) == NULL)
    return UNKNOWN_ROOM_MB;
  return strtoull (at + strlen ("MemAvailable:"), NULL, 10) / 1024;
}

static uint64_t
disk_free_mb (const char *folder)
{
  struct statvfs info;
  if (statvfs (folder, &info) != 0)
    return UNKNOWN_ROOM_MB;
  return (uint64_t)info.f_bavail * info.f_frsize >> 20;
}

void
souk_policy_state_read (SoukPolicyState *state, const char *folder)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  state->minute = (uint16_t)(g_date_time_get_hour (now) * 60 + g_date_time_get_minute (now));
  state->weekday = (uint8_t)(g_date_time_get_day_of_week (now) - 1);
  state->is_on_battery = souk_policy_is_on_battery ("/sys/class/power_supply");
  state->is_metered = g_network_monitor_get_network_metered (g_network_monitor_get_default ());
  state->memory_free_mb = memory_free_mb ();
  state->disk_free_mb = disk_free_mb (folder);
}
