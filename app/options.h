/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `souk` and `souk node` take on the command line, and what they take when nothing is said.
 */
#pragma once
#include "node.h"

typedef struct {
  char *data_dir;
  GStrv listen;
  GStrv bootstrap;
  char *api;
  char *network;
  char *wallet_key_file;
  gboolean no_mdns;
  gboolean provider;
  gboolean verbose;
} SoukOptions;

/* Returns: (transfer full): $SOUK_DATA_DIR, else souk/ under the user's data folder. */
char *souk_options_default_data_dir (void);

/* Reads and removes the options from the words. False and an error on what it does not know. */
bool souk_options_parse (SoukOptions *self, int *argc, char ***argv, GError **error);

/* The options as the node takes them; borrows from `self`. */
SoukNodeConfig souk_options_to_config (const SoukOptions *self);

void souk_options_clear (SoukOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SoukOptions, souk_options_clear)
