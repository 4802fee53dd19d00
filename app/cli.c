/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line over the command table. See cli.h.
 *
 * The words are checked against the table here, so that a mistake is told before anything is sent;
 * the node checks the values. A value "@FILE" is read from the file; for a compute job's module
 * the file is added to the node's store first, and its CID is sent.
 */
#include "cli.h"

#include "cli-client.h"
#include "cli-print.h"
#include "options.h"

#include "api/command.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLLOW_EVERY_MS 300

typedef struct {
  const SoukCommand *command;
  SoukCliClient *client;
  JsonObject *args;
  GBytes *body;
  bool is_json;
  char *data_dir;
} Run;

static void
print_command (const SoukCommand *command)
{
  g_print ("  souk %s %s", command->noun, command->verb);
  if (command->body == SOUK_BODY_BYTES)
    g_print (" FILE");
  for (const SoukField *arg = command->args; arg->name != NULL; arg++)
    if (arg->is_operand)
      {
        g_autofree char *upper = g_ascii_strup (arg->name, -1);
        g_print (arg->is_required ? " %s" : " [%s]", upper);
      }
  g_print ("\n      %s\n", command->summary);
  for (const SoukField *arg = command->args; arg->name != NULL; arg++)
    if (!arg->is_operand)
      {
        g_autofree char *flag = g_strdelimit (g_strdup (arg->name), "_", '-');
        g_print ("      --%-16s %s%s\n", flag, arg->help, arg->is_required ? " (needed)" : "");
      }
}

void
souk_cli_print_help (void)
{
  size_t count;
  const SoukCommand *commands = souk_commands (&count);
  for (size_t i = 0; i < count; i++)
    print_command (&commands[i]);
  g_print ("  souk logs follow\n      Prints log records as they come, until Ctrl-C.\n"
           "Every command takes --json, and --data-dir DIR to say which node.\n"
           "A value @FILE is read from the file.\n");
}

/* ---- words to arguments ---- */

static bool usage_error (const char *format, ...) G_GNUC_PRINTF (1, 2);

static bool
usage_error (const char *format, ...)
{
  va_list va;
  va_start (va, format);
  g_autofree char *text = g_strdup_vprintf (format, va);
  va_end (va);
  g_printerr ("souk: %s\n", text);
  return false;
}

/* Returns: (transfer full) (nullable): the value, or what "@FILE" holds. */
static char *
read_value (const char *text)
{
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize len;

  if (text[0] != '@')
    return g_strdup (text);
  if (!g_file_get_contents (text + 1, &content, &len, &error))
    {
      usage_error ("%s", error->message);
      return NULL;
    }
  if (!g_utf8_validate (content, (gssize)len, NULL))
    {
      usage_error ("%s is no UTF-8 text", text + 1);
      return NULL;
    }
  return g_steal_pointer (&content);
}

/* Adds the file of "--module @FILE" to the node's store. Returns: (transfer full) (nullable): its CID. */
static char *
add_file (Run *run, const char *path)
{
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize len;

  if (!g_file_get_contents (path, &content, &len, &error))
    {
      usage_error ("%s", error->message);
      return NULL;
    }
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&content), len);
  g_autoptr (JsonObject) none = json_object_new ();
  g_autoptr (SoukCliAnswer) answer
      = souk_cli_client_call (run->client, souk_command_find ("content.add"), none, bytes);
  if (answer->status != 200)
    {
      souk_cli_print_problem (answer);
      return NULL;
    }
  return g_strdup (json_object_get_string_member (json_node_get_object (answer->json), "cid"));
}

static bool
set_arg (Run *run, const SoukField *arg, const char *text)
{
  g_autofree char *value = NULL;
  gint64 number;

  if (strcmp (run->command->name, "compute.request") == 0 && strcmp (arg->name, "module") == 0
      && text[0] == '@')
    value = add_file (run, text + 1);
  else
    value = read_value (text);
  if (value == NULL)
    return false;

  switch (arg->type)
    {
    case SOUK_TYPE_STRING:
    case SOUK_TYPE_COINS:
    case SOUK_TYPE_WEI:
    case SOUK_TYPE_TIME:
      json_object_set_string_member (run->args, arg->name, value);
      return true;
    case SOUK_TYPE_STRINGS:
      if (!json_object_has_member (run->args, arg->name))
        json_object_set_array_member (run->args, arg->name, json_array_new ());
      json_array_add_string_element (json_object_get_array_member (run->args, arg->name), value);
      return true;
    case SOUK_TYPE_INTEGER:
      if (!g_ascii_string_to_signed (value, 10, G_MININT64, G_MAXINT64, &number, NULL))
        return usage_error ("--%s takes a whole number, not \"%s\"", arg->name, value);
      json_object_set_int_member (run->args, arg->name, number);
      return true;
    case SOUK_TYPE_BOOLEAN:
      if (strcmp (value, "true") != 0 && strcmp (value, "false") != 0)
        return usage_error ("--%s takes true or false, not \"%s\"", arg->name, value);
      json_object_set_boolean_member (run->args, arg->name, value[0] == 't');
      return true;
    case SOUK_TYPE_NUMBER:
    case SOUK_TYPE_OBJECT:
    case SOUK_TYPE_ARRAY:
      return usage_error ("--%s cannot be given on the command line", arg->name);
    }
  return false;
}

/* The next operand that has no value yet. */
static const SoukField *
next_operand (Run *run)
{
  for (const SoukField *arg = run->command->args; arg->name != NULL; arg++)
    if (arg->is_operand && !json_object_has_member (run->args, arg->name))
      return arg;
  return NULL;
}

static bool
take_operand (Run *run, const char *text)
{
  if (run->command->body == SOUK_BODY_BYTES && run->body == NULL)
    {
      g_autoptr (GError) error = NULL;
      char *content;
      gsize len;
      if (!g_file_get_contents (text, &content, &len, &error))
        return usage_error ("%s", error->message);
      run->body = g_bytes_new_take (content, len);
      return true;
    }
  const SoukField *arg = next_operand (run);
  if (arg == NULL)
    return usage_error ("\"%s\" is one word too many; see souk --help", text);
  return set_arg (run, arg, text);
}

/* Takes "--name value", "--name=value" or, for a boolean, "--name" alone. Moves *at on. */
static bool
take_flag (Run *run, char **argv, int argc, int *at)
{
  g_auto (GStrv) parts = g_strsplit (argv[*at] + 2, "=", 2);
  g_autofree char *name = g_strdelimit (g_strdup (parts[0]), "-", '_');
  const SoukField *arg = souk_command_arg (run->command, name);

  if (arg == NULL)
    return usage_error ("%s %s has no --%s; see souk --help", run->command->noun,
                        run->command->verb, parts[0]);
  if (parts[1] != NULL)
    return set_arg (run, arg, parts[1]);
  bool has_value = *at + 1 < argc && !g_str_has_prefix (argv[*at + 1], "--");
  if (arg->type == SOUK_TYPE_BOOLEAN
      && (!has_value
          || (strcmp (argv[*at + 1], "true") != 0 && strcmp (argv[*at + 1], "false") != 0)))
    return set_arg (run, arg, "true");
  if (*at + 1 >= argc)
    return usage_error ("--%s needs a value", parts[0]);
  *at += 1;
  return set_arg (run, arg, argv[*at]);
}

static bool
take_words (Run *run, int argc, char **argv)
{
  for (int at = 2; at < argc; at++)
    {
      bool is_flag = g_str_has_prefix (argv[at], "--") && argv[at][2] != '\0';
      if (!(is_flag ? take_flag (run, argv, argc, &at) : take_operand (run, argv[at])))
        return false;
    }
  if (run->command->body == SOUK_BODY_BYTES && run->body == NULL)
    return usage_error ("%s %s needs a file", run->command->noun, run->command->verb);
  for (const SoukField *arg = run->command->args; arg->name != NULL; arg++)
    if (arg->is_required && !json_object_has_member (run->args, arg->name))
      return usage_error ("%s %s needs %s%s: %s", run->command->noun, run->command->verb,
                          arg->is_operand ? "" : "--", arg->name, arg->help);
  return true;
}

/* ---- running ---- */

static int
run_once (Run *run)
{
  g_autoptr (SoukCliAnswer) answer
      = souk_cli_client_call (run->client, run->command, run->args, run->body);
  if (answer->status == 0)
    {
      g_printerr ("souk: no node answers on %s; start one with `souk node` or open Souk.\n",
                  souk_cli_client_path (run->client));
      return SOUK_EXIT_NO_NODE;
    }
  if (answer->status != 200)
    {
      souk_cli_print_problem (answer);
      return SOUK_EXIT_FAILED;
    }
  if (answer->json == NULL)
    fwrite (g_bytes_get_data (answer->bytes, NULL), 1, g_bytes_get_size (answer->bytes), stdout);
  else if (run->is_json)
    souk_cli_print_json (answer->json);
  else
    souk_cli_print_reply (run->command, answer->json);
  return SOUK_EXIT_OK;
}

/* Prints log records as they come. */
static int
follow_logs (Run *run)
{
  for (gint64 since = 0;;)
    {
      json_object_set_int_member (run->args, "since", since);
      g_autoptr (SoukCliAnswer) answer
          = souk_cli_client_call (run->client, run->command, run->args, NULL);
      if (answer->status != 200)
        return run_once (run);
      JsonArray *items
          = json_object_get_array_member (json_node_get_object (answer->json), "items");
      for (guint i = 0; i < json_array_get_length (items); i++)
        {
          JsonObject *record = json_array_get_object_element (items, i);
          since = MAX (since, json_object_get_int_member (record, "sequence"));
          souk_cli_print_log_record (record, run->is_json);
        }
      fflush (stdout);
      g_usleep (FOLLOW_EVERY_MS * 1000);
    }
}

/* Removes --json and --data-dir, which every command takes. */
static bool
take_common (Run *run, int *argc, char **argv)
{
  int kept = 0;
  for (int at = 0; at < *argc; at++)
    {
      if (strcmp (argv[at], "--json") == 0)
        run->is_json = true;
      else if (strcmp (argv[at], "--data-dir") == 0 && at + 1 < *argc)
        {
          g_free (run->data_dir);
          run->data_dir = g_strdup (argv[++at]);
        }
      else if (strcmp (argv[at], "--data-dir") == 0)
        return usage_error ("--data-dir needs a folder");
      else
        argv[kept++] = argv[at];
    }
  *argc = kept;
  return true;
}

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->client, souk_cli_client_free);
  g_clear_pointer (&run->args, json_object_unref);
  g_clear_pointer (&run->body, g_bytes_unref);
  g_clear_pointer (&run->data_dir, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

int
souk_cli_run (int argc, char **argv)
{
  g_auto (Run) run = { .args = json_object_new (), .data_dir = souk_options_default_data_dir () };

  if (!take_common (&run, &argc, argv))
    return SOUK_EXIT_USAGE;
  bool is_follow = argc >= 2 && strcmp (argv[0], "logs") == 0 && strcmp (argv[1], "follow") == 0;
  if (argc >= 2)
    run.command = souk_command_find_words (argv[0], is_follow ? "list" : argv[1]);
  if (run.command == NULL)
    {
      usage_error ("there is no command \"%s%s%s\"; see souk --help", argv[0], argc >= 2 ? " " : "",
                   argc >= 2 ? argv[1] : "");
      return SOUK_EXIT_USAGE;
    }
  run.client = souk_cli_client_new (run.data_dir);
  if (!take_words (&run, argc, argv))
    return SOUK_EXIT_USAGE;
  return is_follow ? follow_logs (&run) : run_once (&run);
}
