/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A real chain for tests: anvil (npm @foundry-rs/anvil-linux-amd64 1.7.1), named by SOUK_ANVIL. A test
 * without it is skipped and says so. Each test has a process of its own on a free port.
 */
#pragma once
#include "eth/client.h"
#include "eth/json.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>

#define ANVIL_CHAIN_ID 31337

typedef struct {
  GSubprocess *process;
  GDataInputStream *lines;
  char *url;
  SoukEthRpc *rpc;
  SoukEthClient *client;
} Anvil;

/* The key of the development account `i`; the accounts are public knowledge. */
static inline void
anvil_secret (unsigned i, uint8_t out[32])
{
  static const char *const keys[] = {
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
  };
  g_assert_true (souk_hex_decode_exact (keys[i], out, 32));
}

static inline SoukAddress
anvil_account (unsigned i)
{
  uint8_t secret[32];
  SoukAddress address;
  anvil_secret (i, secret);
  g_assert_true (souk_address_from_secret (secret, &address));
  return address;
}

/* Runs the context until *done or ten seconds have passed. */
static inline gboolean
anvil_give_up (gpointer data)
{
  *(bool *)data = true;
  return G_SOURCE_CONTINUE;
}

static inline void
run_until (const bool *done)
{
  bool is_late = false;
  guint timer = g_timeout_add (20000, anvil_give_up, &is_late);
  while (!*done && !is_late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
  g_assert_false (is_late);
}

typedef struct {
  bool is_done;
  JsonNode *result;
  GError *error;
} AnvilAnswer;

static inline void
anvil_on_answer (JsonNode *result, const GError *error, gpointer data)
{
  AnvilAnswer *answer = data;
  answer->is_done = true;
  answer->result = result != NULL ? json_node_copy (result) : NULL;
  answer->error = error != NULL ? g_error_copy (error) : NULL;
}

/* Any method, waited for. Returns: (transfer full). */
static inline JsonNode *
anvil_call (Anvil *anvil, const char *method, const char *params)
{
  AnvilAnswer answer = { false, NULL, NULL };
  souk_eth_rpc_call (anvil->rpc, method, params, anvil_on_answer, &answer, NULL);
  run_until (&answer.is_done);
  g_assert_no_error (answer.error);
  return answer.result;
}

static inline void
anvil_do (Anvil *anvil, const char *method, const char *params)
{
  g_autoptr (JsonNode) result = anvil_call (anvil, method, params);
  g_assert_nonnull (result);
}

static inline SoukEthRpc *
anvil_rpc (const char *const *urls)
{
  g_autoptr (GError) error = NULL;
  SoukEthRpcConfig config = { .urls = urls, .chain_id = ANVIL_CHAIN_ID, .deadline_ms = 5000 };
  SoukEthRpc *rpc = souk_eth_rpc_new (&config, &error);
  g_assert_no_error (error);
  return rpc;
}

/* Starts one; false, and the test is skipped, when there is none to start. */
static inline bool
anvil_start (Anvil *anvil, const char *block_mode, const char *port)
{
  const char *program = g_getenv ("SOUK_ANVIL");
  g_autoptr (GError) error = NULL;

  memset (anvil, 0, sizeof *anvil);
  if (program == NULL || !g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("SOUK_ANVIL does not name the anvil program");
      return false;
    }
  anvil->process = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, program, "--port",
      port != NULL ? port : "0", "--hardfork", "prague", block_mode, NULL);
  g_assert_no_error (error);
  anvil->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (anvil->process));
  while (anvil->url == NULL)
    {
      g_autofree char *line = g_data_input_stream_read_line (anvil->lines, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (line);
      if (g_str_has_prefix (line, "Listening on "))
        anvil->url = g_strconcat ("http://", line + strlen ("Listening on "), NULL);
    }
  const char *urls[] = { anvil->url, NULL };
  anvil->rpc = anvil_rpc (urls);
  anvil->client = souk_eth_client_new (anvil->rpc);
  return true;
}

static inline void
anvil_kill (Anvil *anvil)
{
  if (anvil->process == NULL)
    return;
  g_subprocess_force_exit (anvil->process);
  g_subprocess_wait (anvil->process, NULL, NULL);
  g_clear_object (&anvil->process);
}

static inline void
anvil_stop (Anvil *anvil)
{
  anvil_kill (anvil);
  souk_eth_client_free (anvil->client);
  souk_eth_rpc_free (anvil->rpc);
  g_clear_object (&anvil->lines);
  g_free (anvil->url);
}

/* Mines `count` blocks. */
static inline void
anvil_mine (Anvil *anvil, unsigned count)
{
  g_autofree char *params = g_strdup_printf ("[\"0x%x\"]", count);
  anvil_do (anvil, "anvil_mine", params);
}
