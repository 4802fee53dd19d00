/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The options of a node. See options.h.
 */
#include "options.h"

char *
souk_options_default_data_dir (void)
{
  const char *named = g_getenv ("SOUK_DATA_DIR");
  return named != NULL && *named != '\0' ? g_strdup (named)
                                         : g_build_filename (g_get_user_data_dir (), "souk", NULL);
}

bool
souk_options_parse (SoukOptions *self, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->data_dir, "Where everything is kept", "DIR" },
    { "listen", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->listen, "Where peers connect",
      "MULTIADDR" },
    { "bootstrap", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->bootstrap, "A peer to begin with",
      "MULTIADDR" },
    { "api", 0, 0, G_OPTION_ARG_STRING, &self->api, "Where REST and WebSocket listen, on loopback",
      "HOST:PORT" },
    { "network", 0, 0, G_OPTION_ARG_STRING, &self->network,
      "Which contracts on which chain: a name, or a file", "NAME" },
    { "wallet-key-file", 0, 0, G_OPTION_ARG_FILENAME, &self->wallet_key_file,
      "A secret key in hexadecimal, for test chains", "FILE" },
    { "no-mdns", 0, 0, G_OPTION_ARG_NONE, &self->no_mdns,
      "Do not look for peers on the local network", NULL },
    { "provider", 0, 0, G_OPTION_ARG_NONE, &self->provider, "Share this computer from the start",
      NULL },
    { "verbose", 0, 0, G_OPTION_ARG_NONE, &self->verbose, "Write the log to stderr as well", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return false;
  if (*argc > 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "\"%s\" is one word too many; see souk --help", (*argv)[1]);
      return false;
    }
  if (self->data_dir == NULL)
    self->data_dir = souk_options_default_data_dir ();
  return true;
}

SoukNodeConfig
souk_options_to_config (const SoukOptions *self)
{
  return (SoukNodeConfig){
    .data_dir = self->data_dir,
    .listen = (const char *const *)self->listen,
    .bootstrap = (const char *const *)self->bootstrap,
    .api = self->api,
    .network = self->network,
    .wallet_key_file = self->wallet_key_file,
    .is_mdns_enabled = !self->no_mdns,
    .is_provider = self->provider,
    .is_log_on_stderr = self->verbose,
  };
}

void
souk_options_clear (SoukOptions *self)
{
  g_clear_pointer (&self->data_dir, g_free);
  g_clear_pointer (&self->listen, g_strfreev);
  g_clear_pointer (&self->bootstrap, g_strfreev);
  g_clear_pointer (&self->api, g_free);
  g_clear_pointer (&self->network, g_free);
  g_clear_pointer (&self->wallet_key_file, g_free);
}
