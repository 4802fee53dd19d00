/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BIP-39's English words, sorted; the array is made from words-english.txt by make-words.py.
 * Constant data, any thread.
 */
#pragma once

/* 2^11: each word stands for 11 bits. */
#define SOUK_WORDS 2048
/* Letters of the longest word. */
#define SOUK_WORD_LETTERS_MAX 8

extern const char *const souk_words_english[SOUK_WORDS];
