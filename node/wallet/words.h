/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BIP-39's English words, in order; made from words-english.txt when Souk is built. PURE.
 */
#pragma once

#define SOUK_WORDS_COUNT 2048

extern const char *const souk_words_english[SOUK_WORDS_COUNT];
