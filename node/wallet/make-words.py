#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the C array of BIP-39's English words.   make-words.py WORDS OUTPUT"""
import sys

with open(sys.argv[1], encoding="ascii") as source:
    words = source.read().split()
if len(words) != 2048 or words != sorted(words) or not all(w.islower() for w in words):
    sys.exit("the word list must have 2048 lower-case words in order")
with open(sys.argv[2], "w", encoding="ascii") as out:
    out.write("/* Made by make-words.py; do not edit. */\n")
    out.write('#include "wallet/words.h"\n\n')
    out.write("const char *const souk_words_english[SOUK_WORDS_COUNT] = {\n")
    for word in words:
        out.write(f'  "{word}",\n')
    out.write("};\n")
