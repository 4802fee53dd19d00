/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What prompts.c and prompts-publish.c share.
 */
#pragma once
#include "swarm/timer.h"
#include "trade/prompts.h"

struct SoukPrompts {
  SoukTradeContext context;
  SoukTimer *renewal;
};

bool souk_prompts_is_mine (const SoukTradeContext *context, const SoukRecord *record);
/* The live listing of the argument "id"; NULL when it has answered the call. */
SoukListing *souk_prompts_of_call (const SoukTradeContext *context, SoukCall *call,
                                   SoukRecord **out_record);
/* Binds prompt.upload and prompt.withdraw, and renews listings before they run out. */
void souk_prompts_bind_publish (SoukPrompts *self);
