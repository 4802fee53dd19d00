/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What time it is: the only file that asks. GLIB, any thread.
 */
#pragma once
#include "base/time.h"

SoukMono souk_mono_now (void);
SoukWall souk_wall_now (void);
