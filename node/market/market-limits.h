/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a stranger can make grow in the market, and how far. PURE.
 */
#pragma once

/* A record goes to every node: what it holds must fit into a gossip message. */
#define SOUK_RECORD_SIZE_MAX (64 * 1024)
#define SOUK_RECORD_KEY_MAX 32
/* A dead author's records leave the mesh by themselves after this. */
#define SOUK_RECORD_LIFE_S_MAX (30 * 24 * 3600)
/* Two honest clocks may differ by this. */
#define SOUK_CLOCK_SKEW_S 600

#define SOUK_TITLE_MAX 120
#define SOUK_DESCRIPTION_MAX 4096
#define SOUK_SAMPLE_MAX 4096
#define SOUK_TAGS_MAX 16
#define SOUK_TAG_MAX 32
#define SOUK_CATEGORY_MAX 32
/* A prompt is a text; four MiB is a long book, and fits the memory of every buyer. */
#define SOUK_PROMPT_SIZE_MAX (4 * 1024 * 1024)

#define SOUK_JOB_ARGS_MAX 64
#define SOUK_JOB_ARG_MAX 4096
#define SOUK_JOB_ENV_MAX 64
#define SOUK_JOB_FILES_MAX 64
#define SOUK_JOB_PATH_MAX 255
#define SOUK_JOB_MEMORY_MB_MAX 4096
#define SOUK_JOB_WALL_MS_MAX (24 * 3600 * 1000)
#define SOUK_JOB_OUTPUT_MAX (1024 * 1024 * 1024)
#define SOUK_JOB_LIFE_S_MAX (7 * 24 * 3600)
#define SOUK_BID_WINDOW_MS_MIN 500
#define SOUK_BID_WINDOW_MS_MAX 60000
#define SOUK_BID_WINDOW_MS_USUAL 3000
/* More bids than these tell the requester nothing new. */
#define SOUK_BIDS_MAX 32

/* The contract's own bounds (Escrow.sol MIN_WINDOW, MAX_WINDOW). */
#define SOUK_WINDOW_S_MIN 600
#define SOUK_WINDOW_S_MAX (90 * 24 * 3600)

/* A catalogue that one author could fill would be no market. */
#define SOUK_CATALOGUE_PER_AUTHOR_MAX 256
#define SOUK_CATALOGUE_MAX 65536

/* A refusal's sentence goes to a person; a longer one is an attack on the log. */
#define SOUK_SENTENCE_MAX 256
