# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns BIP-39's English word list into a C array: make-words.py words-english.txt OUT.c

The list is part of every wallet's backup, so a changed letter would lose money: the build stops
unless the file is, byte for byte, the published one.
"""
import hashlib
import pathlib
import sys

SHA256 = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"

source, target = map(pathlib.Path, sys.argv[1:])
data = source.read_bytes()
if hashlib.sha256(data).hexdigest() != SHA256:
    sys.exit(f"{source} is not BIP-39's English word list")
words = data.decode("ascii").split()
# Looking a word up is a binary search.
if len(words) != 2048 or words != sorted(words):
    sys.exit(f"{source} is not 2048 sorted words")
lines = "".join(f'  "{word}",\n' for word in words)
target.write_text(
    "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
    f'#include "wallet/words.h"\n\nconst char *const souk_words_english[SOUK_WORDS] = {{\n{lines}}};\n'
)
