/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nodes for the tests of the compute flow. See jobs-node.h.
 */
#include "jobs-node.h"

#include "api/values.h"
#include "store/blocks.h"
#include "swarm/system-rng.h"

#include <glib/gstdio.h>
#include <string.h>

#define WAIT_US (20 * G_USEC_PER_SEC)

static GBytes *
source_get (const SoukCid *cid, void *user)
{
  JobsNode *node = user;
  return souk_blocks_get (node->store, cid, NULL);
}

static bool
source_has (const SoukCid *cid, size_t *out_size, void *user)
{
  JobsNode *node = user;
  int64_t size = souk_blocks_size (node->store, cid);
  *out_size = (size_t)MAX (size, 0);
  return size >= 0;
}

static void
on_event (JsonObject *event, gpointer user)
{
  JobsNode *node = user;
  if (strcmp (json_object_get_string_member (event, "event"), "job.changed") != 0)
    return;
  JsonObject *job = json_object_get_object_member (event, "job");
  g_ptr_array_add (node->phases, g_strdup (json_object_get_string_member (job, "phase")));
}

static void
no_log (void *user, const char *name, SoukStatus status, const SoukPeerId *peer, const char *detail)
{
}

JobsNode *
jobs_stranger_new (uint8_t number)
{
  JobsNode *node = g_new0 (JobsNode, 1);
  uint8_t seed[32] = { number, 77 };
  SoukMultiaddr any;
  g_autoptr (GError) error = NULL;
  souk_identity_init_seed (&node->identity, seed);
  SoukSwarmConfig config = {
    .identity = &node->identity,
    .rng = souk_system_rng (),
    .agent = "test/1",
    .limits = SOUK_SWARM_LIMITS_DEFAULT,
    .events = { no_log, NULL },
    .announces_private = true,
  };
  node->swarm = souk_swarm_new (&config);
  node->id = *souk_swarm_self (node->swarm);
  SoukStatus status = souk_multiaddr_parse ("/ip4/127.0.0.1/tcp/0", &any);
  g_assert_cmpint (status, ==, SOUK_STATUS_OK);
  souk_swarm_listen (node->swarm, &any, &error);
  g_assert_no_error (error);
  g_autoptr (GArray) addrs = souk_swarm_listen_addrs (node->swarm);
  status = souk_multiaddr_with_peer_id (&g_array_index (addrs, SoukMultiaddr, 0), &node->id,
                                        &node->addr);
  g_assert_cmpint (status, ==, SOUK_STATUS_OK);
  return node;
}

JobsNode *
jobs_node_new (uint8_t number, bool is_provider)
{
  JobsNode *node = jobs_stranger_new (number);
  g_autoptr (GError) error = NULL;
  node->dir = g_dir_make_tmp ("souk-test-jobs-XXXXXX", &error);
  g_assert_no_error (error);
  SoukStoreConfig config = { .data_dir = node->dir };
  node->store = souk_store_open (&config, &error);
  g_assert_no_error (error);
  SoukBlockSource source = { source_get, source_has, node };
  SoukBoardConfig board = { .store = node->store, .swarm = node->swarm };
  node->dispatch = souk_dispatch_new ();
  node->pubsub = board.pubsub = souk_pubsub_new (node->swarm);
  node->exchange = souk_exchange_new (node->swarm, &source);
  node->board = souk_board_new (&board);
  node->library = souk_library_new (node->store, node->exchange, NULL);
  SoukTradeContext context = {
    .dispatch = node->dispatch,
    .store = node->store,
    .swarm = node->swarm,
    .pubsub = node->pubsub,
    .exchange = node->exchange,
    .board = node->board,
    .library = node->library,
  };
  node->works = souk_works_new (&context, node->dir, is_provider);
  node->jobs = souk_jobs_new (&context, node->works);
  node->phases = g_ptr_array_new_with_free_func (g_free);
  souk_dispatch_subscribe (node->dispatch, on_event, node);
  return node;
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_folder (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

void
jobs_node_free (JobsNode *node)
{
  if (node->store != NULL)
    souk_store_stop (node->store);
  g_clear_pointer (&node->jobs, souk_jobs_free);
  g_clear_pointer (&node->works, souk_works_free);
  g_clear_pointer (&node->library, souk_library_free);
  g_clear_pointer (&node->board, souk_board_free);
  g_clear_pointer (&node->exchange, souk_exchange_free);
  g_clear_pointer (&node->pubsub, souk_pubsub_free);
  g_clear_pointer (&node->swarm, souk_swarm_free);
  g_clear_pointer (&node->dispatch, souk_dispatch_free);
  g_clear_pointer (&node->store, souk_store_close);
  g_clear_pointer (&node->phases, g_ptr_array_unref);
  souk_identity_done (&node->identity);
  if (node->dir != NULL)
    remove_folder (node->dir);
  g_free (node->dir);
  g_free (node);
}

void
jobs_wait (bool (*condition) (void *user), void *user, const char *what)
{
  gint64 end = g_get_monotonic_time () + WAIT_US;
  while (!condition (user))
    {
      if (g_get_monotonic_time () > end)
        g_error ("%s did not happen", what);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (500);
    }
}

void
jobs_settle (unsigned ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
}

typedef struct {
  JobsNode *a, *b;
} Pair;

static bool
know_each_other (void *user)
{
  Pair *pair = user;
  g_autoptr (SoukPeerInfo) a = souk_swarm_peer_info (pair->a->swarm, &pair->b->id);
  g_autoptr (SoukPeerInfo) b = souk_swarm_peer_info (pair->b->swarm, &pair->a->id);
  return a != NULL && a->is_identified && b != NULL && b->is_identified;
}

void
jobs_node_connect (JobsNode *from, JobsNode *to)
{
  Pair pair = { from, to };
  souk_swarm_dial (from->swarm, &to->addr, NULL, NULL);
  jobs_wait (know_each_other, &pair, "the connection");
  /* The gossip's streams. */
  jobs_settle (100);
}

typedef struct {
  bool is_done;
  JsonObject *reply;
  char *code;
} Answer;

static void
on_answer (JsonNode *reply, GBytes *bytes, const SoukProblem *problem, gpointer user)
{
  Answer *answer = user;
  answer->is_done = true;
  if (reply != NULL)
    answer->reply = json_object_ref (json_node_get_object (reply));
  if (problem != NULL)
    answer->code = g_strdup (problem->code);
}

static bool
is_answered (void *user)
{
  return ((Answer *)user)->is_done;
}

JsonObject *
jobs_call (JobsNode *node, const char *command, JsonObject *args, char **out_code)
{
  Answer answer = { 0 };
  souk_dispatch_call (node->dispatch, command, args, NULL, SOUK_SCOPE_ALL, on_answer, &answer);
  jobs_wait (is_answered, &answer, command);
  if (out_code != NULL)
    *out_code = answer.code;
  else
    {
      g_assert_cmpstr (answer.code, ==, NULL);
      g_assert_nonnull (answer.reply);
    }
  return answer.reply;
}

typedef struct {
  bool is_done;
  char *cid;
} Added;

static void
on_added (const SoukDagRoot *root, const GError *error, void *user)
{
  Added *added = user;
  g_assert_no_error (error);
  added->cid = souk_cid_to_string (&root->cid);
  added->is_done = true;
}

static bool
is_added (void *user)
{
  return ((Added *)user)->is_done;
}

char *
jobs_add (JobsNode *node, const void *data, size_t len)
{
  Added added = { 0 };
  g_autoptr (GBytes) bytes = g_bytes_new (data, len);
  g_autoptr (GError) error = NULL;
  souk_library_add (node->library, bytes, "user", "A test's", on_added, &added, &error);
  g_assert_no_error (error);
  jobs_wait (is_added, &added, "adding a file");
  return added.cid;
}

bool
jobs_has_sandbox (JobsNode *provider)
{
  g_autoptr (JsonObject) args = json_object_new ();
  json_object_set_boolean_member (args, "enabled", TRUE);
  g_autoptr (JsonObject) reply = jobs_call (provider, "provider.set", args, NULL);
  if (strcmp (json_object_get_string_member (reply, "state"), "ready") == 0)
    return true;
  g_test_skip (json_object_get_string_member (reply, "sentence"));
  return false;
}
