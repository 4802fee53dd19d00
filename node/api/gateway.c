/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The gateway. See gateway.h; gateway-request.c reads requests, gateway-answer.c writes heads.
 *
 * A job goes through phases: the path; the block that it leads to; then one of the streams. Each
 * phase has a machine of dag/ that says which blocks it needs and gives what they make. One pump
 * serves them all: it takes what is ready first and asks for blocks after that, so that no more is
 * held than the client's backlog.
 */
#include "api/gateway-private.h"

#include <string.h>

static void pump (SoukGatewayJob *self);

/* ---- the end ---- */

/* The client learns of it by a connection that ends early. A server whose body has run dry looks at
 * its socket only when there is something to write: one byte, which does not get out. */
static void
cut (SoukGatewayJob *self)
{
  GSocket *socket = soup_server_message_get_socket (self->message);
  self->phase = PHASE_END;
  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
  soup_message_body_append (soup_server_message_get_response_body (self->message),
                            SOUP_MEMORY_STATIC, "", 1);
  if (self->is_paused)
    soup_server_message_unpause (self->message);
  self->is_paused = false;
}

static void
drop_wants (SoukGatewayJob *self)
{
  for (guint i = 0; i < self->wants->len; i++)
    {
      Want *want = self->wants->pdata[i];
      self->source->cancel (want->handle);
      g_free (want);
    }
  g_ptr_array_set_size (self->wants, 0);
}

/* Takes back a head and a body that the client has seen nothing of. */
static void
take_back (SoukGatewayJob *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  SoupMessageBody *body = soup_server_message_get_response_body (self->message);
  soup_message_headers_clear (headers);
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CONTENT_LENGTH);
  soup_message_body_truncate (body);
  soup_message_body_set_accumulate (body, TRUE);
  self->has_head = false;
  self->backlog = 0;
}

static void
fail (SoukGatewayJob *self, SoukProblem *problem)
{
  drop_wants (self);
  if (self->is_started)
    cut (self);
  else
    {
      bool was_paused = self->is_paused;
      if (self->has_head)
        take_back (self);
      self->phase = PHASE_END;
      self->is_paused = false;
      self->fail (problem, self->fail_user);
      if (was_paused)
        soup_server_message_unpause (self->message);
    }
  souk_problem_free (problem);
}

static void
fail_status (SoukGatewayJob *self, SoukStatus status)
{
  int code = 502;
  if (status == SOUK_STATUS_NO_SUCH_NAME || status == SOUK_STATUS_NOT_A_FOLDER)
    code = 404;
  else if (status == SOUK_STATUS_UNSUPPORTED)
    code = 406;
  fail (self,
        souk_problem_new (code, souk_status_name (status), "%s", souk_status_sentence (status)));
}

/* Nobody has a block. */
static void
fail_missing (SoukGatewayJob *self, const SoukCid *cid)
{
  g_autofree char *text = souk_cid_to_string (cid);
  if (self->is_local_only)
    fail (self, souk_problem_new (412, "not-cached", "The block %s is not here.", text));
  else
    fail (self, souk_problem_new (404, "not-found", "No connected peer sent the block %s in time.",
                                  text));
}

/* All is written to the body. */
static void
complete (SoukGatewayJob *self)
{
  self->phase = PHASE_END;
  soup_message_body_complete (soup_server_message_get_response_body (self->message));
}

/* ---- blocks ---- */

static bool
phase_need (SoukGatewayJob *self, SoukCid *out)
{
  switch (self->phase)
    {
    case PHASE_PATH:
      return souk_path_need (self->path, out);
    case PHASE_LOOK:
    case PHASE_CAR:
      return souk_walk_need (self->walk, out);
    case PHASE_FILE:
      return souk_unixfs_reader_need (self->file, out);
    case PHASE_LIST:
      return souk_folder_reader_need (self->list, out);
    case PHASE_END:
      return false;
    }
  return false;
}

/* An archive repeats the blocks that its path took. */
static void
keep_path_block (SoukGatewayJob *self, const SoukCid *cid, GBytes *block)
{
  SoukDagBlock kept = { *cid, g_bytes_ref (block) };
  g_array_append_val (self->path_blocks, kept);
  self->path_size += g_bytes_get_size (block);
}

static SoukStatus
phase_feed (SoukGatewayJob *self, const SoukCid *cid, GBytes *block)
{
  switch (self->phase)
    {
    case PHASE_PATH:
      if (self->request.format == SOUK_GATEWAY_CAR)
        keep_path_block (self, cid, block);
      if (self->path_size > SOUK_GATEWAY_PATH_SIZE_MAX)
        return SOUK_STATUS_TOO_LARGE;
      return souk_path_feed (self->path, cid, block);
    case PHASE_LOOK:
    case PHASE_CAR:
      souk_walk_feed (self->walk, cid, block);
      return souk_walk_status (self->walk);
    case PHASE_FILE:
      return souk_unixfs_reader_feed (self->file, cid, block);
    case PHASE_LIST:
      souk_folder_reader_feed (self->list, cid, block);
      return souk_folder_reader_status (self->list);
    case PHASE_END:
      return SOUK_STATUS_OK;
    }
  return SOUK_STATUS_OK;
}

static void
on_block (const SoukCid *cid, GBytes *block, void *data)
{
  g_autofree Want *want = data;
  SoukGatewayJob *self = want->job;
  g_ptr_array_remove_fast (self->wants, want);
  if (self->phase == PHASE_END)
    return;
  if (block == NULL)
    {
      fail_missing (self, cid);
      return;
    }
  SoukStatus status = phase_feed (self, cid, block);
  if (status != SOUK_STATUS_OK)
    fail_status (self, status);
  else
    pump (self);
}

/* Gets a block from the store, or asks peers for it. */
static void
get_block (SoukGatewayJob *self, const SoukCid *cid)
{
  g_autoptr (GBytes) block = self->source->get (cid, self->source->user);
  if (block != NULL)
    {
      SoukStatus status = phase_feed (self, cid, block);
      if (status != SOUK_STATUS_OK)
        fail_status (self, status);
      return;
    }
  Want *want = g_new0 (Want, 1);
  want->job = self;
  if (!self->is_local_only)
    want->handle = self->source->want (cid, on_block, want, self->source->user);
  if (want->handle != NULL)
    {
      g_ptr_array_add (self->wants, want);
      return;
    }
  g_free (want);
  fail_missing (self, cid);
}

/* ---- the phases ---- */

/* The path is followed: what it leads to is looked at. */
static void
end_path (SoukGatewayJob *self)
{
  bool is_car = self->request.format == SOUK_GATEWAY_CAR;
  bool is_here = souk_path_result (self->path, &self->cid);
  g_assert (is_here);
  self->etag = souk_gateway_etag (&self->request, &self->cid);
  if (souk_gateway_answer_unchanged (self))
    {
      complete (self);
      return;
    }
  self->walk = souk_walk_new (&self->cid, is_car ? self->request.scope : SOUK_WALK_BLOCK);
  for (guint i = 0; i < self->path_blocks->len; i++)
    souk_walk_skip (self->walk, &g_array_index (self->path_blocks, SoukDagBlock, i).cid);
  self->phase = is_car ? PHASE_CAR : PHASE_LOOK;
}

static void
send (SoukGatewayJob *self, GBytes *bytes)
{
  if (self->is_head || g_bytes_get_size (bytes) == 0)
    return;
  self->backlog += g_bytes_get_size (bytes);
  soup_message_body_append_bytes (soup_server_message_get_response_body (self->message), bytes);
}

static void
send_array (SoukGatewayJob *self, GByteArray *array)
{
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (array);
  send (self, bytes);
}

static void
start_file (SoukGatewayJob *self, GBytes *block, uint64_t size)
{
  self->size = size;
  self->type = souk_gateway_type_of_name (self->name);
  if (!souk_gateway_take_range (self))
    {
      self->phase = PHASE_END;
      return;
    }
  self->file = souk_unixfs_reader_new (&self->cid, self->offset, self->len, UINT64_MAX);
  self->phase = PHASE_FILE;
  /* The root was fetched: the reader is given it rather than made to ask again. */
  SoukCid cid;
  SoukStatus status = SOUK_STATUS_OK;
  if (souk_unixfs_reader_need (self->file, &cid))
    status = souk_unixfs_reader_feed (self->file, &cid, block);
  if (status != SOUK_STATUS_OK)
    fail_status (self, status);
}

static void
start_list (SoukGatewayJob *self)
{
  self->list = souk_folder_reader_new (&self->cid);
  self->phase = PHASE_LIST;
}

/* The block is here: what it is decides how it is answered. */
static void
look (SoukGatewayJob *self, GBytes *block)
{
  SoukUnixfsNode node;
  if (self->request.format == SOUK_GATEWAY_RAW)
    {
      self->size = g_bytes_get_size (block);
      if (souk_gateway_take_range (self))
        {
          g_autoptr (GBytes) part = g_bytes_new_from_bytes (block, self->offset, self->len);
          souk_gateway_answer_raw (self);
          send (self, part);
          complete (self);
        }
      self->phase = PHASE_END;
      return;
    }
  SoukStatus status = souk_unixfs_node_decode (&self->cid, souk_slice_from_bytes (block), &node);
  if (status != SOUK_STATUS_OK)
    {
      fail_status (self, status);
      return;
    }
  SoukUnixfsType type = node.type;
  uint64_t size = node.file_size;
  souk_unixfs_node_done (&node);
  switch (type)
    {
    case SOUK_UNIXFS_RAW:
    case SOUK_UNIXFS_FILE:
      if (size > G_MAXINT64)
        fail_status (self, SOUK_STATUS_TOO_LARGE);
      else
        start_file (self, block, size);
      return;
    case SOUK_UNIXFS_FOLDER:
    case SOUK_UNIXFS_HAMT_SHARD:
      start_list (self);
      return;
    case SOUK_UNIXFS_METADATA:
    case SOUK_UNIXFS_SYMLINK:
      fail_status (self, SOUK_STATUS_NOT_A_FILE);
      return;
    }
}

/* Blocks that their CIDs hold are not given by a walk, and are looked at here. */
static bool
step_look (SoukGatewayJob *self)
{
  SoukDagBlock block;
  if (souk_walk_next (self->walk, &block))
    {
      g_autoptr (GBytes) bytes = block.bytes;
      look (self, bytes);
      return true;
    }
  if (souk_walk_status (self->walk) != SOUK_STATUS_OK || !souk_walk_is_done (self->walk))
    return false;
  g_autoptr (GBytes) bytes = g_bytes_new (self->cid.hash.digest, self->cid.hash.len);
  look (self, bytes);
  return true;
}

static void
send_section (SoukGatewayJob *self, const SoukDagBlock *block)
{
  GByteArray *section = g_byte_array_new ();
  souk_car_append_section (section, &block->cid, g_bytes_get_size (block->bytes));
  send_array (self, section);
  send (self, block->bytes);
}

/* The head, the archive's header, and the blocks of the path. */
static void
start_car (SoukGatewayJob *self)
{
  GByteArray *header = g_byte_array_new ();
  souk_gateway_answer_car (self);
  souk_car_append_header (header, &self->cid, 1);
  send_array (self, header);
  for (guint i = 0; i < self->path_blocks->len; i++)
    send_section (self, &g_array_index (self->path_blocks, SoukDagBlock, i));
}

static bool
step_car (SoukGatewayJob *self)
{
  SoukDagBlock block;
  bool has_block = souk_walk_next (self->walk, &block);
  bool is_done = !has_block && souk_walk_is_done (self->walk);
  if (!self->has_head && (has_block || is_done))
    start_car (self);
  if (has_block)
    {
      send_section (self, &block);
      g_bytes_unref (block.bytes);
    }
  if (is_done || (has_block && self->is_head))
    complete (self);
  return has_block || is_done;
}

static bool
step_file (SoukGatewayJob *self)
{
  g_autoptr (GBytes) piece = NULL;
  bool has_piece = souk_unixfs_reader_next (self->file, &piece);
  bool is_done = !has_piece && souk_unixfs_reader_is_done (self->file);
  if (!self->has_head && (has_piece || is_done || (self->is_head && self->type != NULL)))
    {
      SoukSlice start = has_piece ? souk_slice_from_bytes (piece) : SOUK_SLICE_EMPTY;
      if (self->type == NULL)
        self->type
            = self->offset == 0 ? souk_gateway_type_of_bytes (start) : "application/octet-stream";
      souk_gateway_answer_file (self);
    }
  if (has_piece)
    send (self, piece);
  if (is_done || (self->has_head && self->is_head))
    complete (self);
  return has_piece || is_done;
}

static void
send_entry (SoukGatewayJob *self, const SoukFolderEntry *entry)
{
  g_autofree char *cid = souk_cid_to_string (&entry->cid);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "name", entry->name);
  json_object_set_string_member (object, "cid", cid);
  json_object_set_int_member (object, "dag_size", (gint64)MIN (entry->dag_size, G_MAXINT64));
  json_node_take_object (node, object);
  g_autofree char *json = json_to_string (node, FALSE);
  g_autofree char *text = g_strconcat (self->entries++ > 0 ? ",\n" : "", json, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  send (self, bytes);
}

static bool
step_list (SoukGatewayJob *self)
{
  SoukFolderEntry entry;
  bool has_entry = souk_folder_reader_next (self->list, &entry);
  bool is_done = !has_entry && souk_folder_reader_is_done (self->list);
  if (!self->has_head && (has_entry || is_done))
    {
      g_autofree char *cid = souk_cid_to_string (&self->cid);
      g_autofree char *text = g_strdup_printf ("{\"cid\":\"%s\",\"entries\":[", cid);
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
      souk_gateway_answer_list (self);
      send (self, bytes);
    }
  if (has_entry)
    send_entry (self, &entry);
  if (is_done)
    {
      g_autoptr (GBytes) end = g_bytes_new_static ("]}\n", 3);
      send (self, end);
    }
  if (is_done || (has_entry && self->is_head))
    complete (self);
  return has_entry || is_done;
}

static SoukStatus
phase_status (const SoukGatewayJob *self)
{
  switch (self->phase)
    {
    case PHASE_PATH:
      return souk_path_status (self->path);
    case PHASE_LOOK:
    case PHASE_CAR:
      return souk_walk_status (self->walk);
    case PHASE_FILE:
      return souk_unixfs_reader_status (self->file);
    case PHASE_LIST:
      return souk_folder_reader_status (self->list);
    case PHASE_END:
      return SOUK_STATUS_OK;
    }
  return SOUK_STATUS_OK;
}

/* Takes one thing that is ready. Returns: false when nothing is. */
static bool
step (SoukGatewayJob *self)
{
  SoukCid cid;
  switch (self->phase)
    {
    case PHASE_PATH:
      if (!souk_path_result (self->path, &cid))
        return false;
      end_path (self);
      return true;
    case PHASE_LOOK:
      return step_look (self);
    case PHASE_CAR:
      return step_car (self);
    case PHASE_FILE:
      return step_file (self);
    case PHASE_LIST:
      return step_list (self);
    case PHASE_END:
      return false;
    }
  return false;
}

/* ---- the pump ---- */

/* Goes on until the client has enough to read, or blocks are missing. */
static void
pump (SoukGatewayJob *self)
{
  SoukCid cid;
  while (self->phase != PHASE_END && self->backlog < SOUK_GATEWAY_BACKLOG_MAX)
    {
      if (step (self))
        continue;
      SoukStatus status = phase_status (self);
      bool has_need = status == SOUK_STATUS_OK && phase_need (self, &cid);
      /* A need can be met within, by what a CID holds itself, and that can fail as well. */
      status = phase_status (self);
      if (status != SOUK_STATUS_OK)
        fail_status (self, status);
      else if (has_need)
        get_block (self, &cid);
      else if (!step (self))
        break;
    }
  /* The message pauses by itself when its body has run dry. */
  if (self->has_head && self->is_paused && (self->backlog > 0 || self->phase == PHASE_END))
    {
      self->is_paused = false;
      self->is_started = true;
      soup_server_message_unpause (self->message);
    }
}

static void
on_wrote_data (SoupServerMessage *message, guint size, gpointer user_data)
{
  SoukGatewayJob *self = user_data;
  self->backlog -= MIN (self->backlog, size);
  self->has_moved = true;
}

static void
on_wrote_chunk (SoupServerMessage *message, gpointer user_data)
{
  SoukGatewayJob *self = user_data;
  self->has_moved = true;
  pump (self);
  if (self->backlog == 0 && self->phase != PHASE_END)
    self->is_paused = true;
}

/* A client that takes nothing of what waits for it holds memory for nothing. */
static gboolean
on_stall (gpointer user_data)
{
  SoukGatewayJob *self = user_data;
  if (self->backlog > 0 && !self->has_moved)
    cut (self);
  self->has_moved = false;
  return G_SOURCE_CONTINUE;
}

/* ---- life ---- */

bool
souk_gateway_has_path (const char *path)
{
  return g_str_has_prefix (path, "/ipfs/");
}

static void
clear_path_block (gpointer data)
{
  SoukDagBlock *block = data;
  g_bytes_unref (block->bytes);
}

/* Reads the request. Returns: (nullable): what is wrong. */
static SoukProblem *
read_request (SoukGatewayJob *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);
  GUri *uri = soup_server_message_get_uri (self->message);
  const char *cache = soup_message_headers_get_list (headers, "Cache-Control");
  SoukGatewayHeaders known = {
    .accept = soup_message_headers_get_list (headers, "Accept"),
    .service_worker = soup_message_headers_get_one (headers, "Service-Worker"),
  };
  self->is_local_only = cache != NULL && strstr (cache, "only-if-cached") != NULL;
  self->is_head = strcmp (soup_server_message_get_method (self->message), "HEAD") == 0;
  return souk_gateway_request_parse (g_uri_get_path (uri), g_uri_get_query (uri), &known,
                                     &self->request);
}

SoukGatewayJob *
souk_gateway_job_new (const SoukGatewaySource *source, SoupServerMessage *message,
                      SoukGatewayFail fail_func, void *user)
{
  SoukGatewayJob *self = g_new0 (SoukGatewayJob, 1);
  self->source = source;
  self->message = g_object_ref (message);
  self->fail = fail_func;
  self->fail_user = user;
  self->wants = g_ptr_array_new ();
  self->path_blocks = g_array_new (FALSE, FALSE, sizeof (SoukDagBlock));
  g_array_set_clear_func (self->path_blocks, clear_path_block);

  SoukProblem *problem = read_request (self);
  if (problem != NULL)
    {
      fail (self, problem);
      return self;
    }
  self->path = souk_path_new (&self->request.root, self->request.path);
  self->name = self->request.filename;
  if (self->name == NULL)
    self->name = souk_path_last_name (self->path);
  g_signal_connect (message, "wrote-body-data", G_CALLBACK (on_wrote_data), self);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (on_wrote_chunk), self);
  self->stall = g_timeout_source_new (SOUK_GATEWAY_STALL_MS);
  g_source_set_callback (self->stall, on_stall, self, NULL);
  g_source_attach (self->stall, g_main_context_get_thread_default ());
  self->is_paused = true;
  soup_server_message_pause (message);
  pump (self);
  return self;
}

void
souk_gateway_job_free (SoukGatewayJob *self)
{
  if (self == NULL)
    return;
  drop_wants (self);
  g_ptr_array_unref (self->wants);
  g_signal_handlers_disconnect_by_data (self->message, self);
  if (self->stall != NULL)
    {
      g_source_destroy (self->stall);
      g_source_unref (self->stall);
    }
  souk_path_free (self->path);
  souk_walk_free (self->walk);
  souk_unixfs_reader_free (self->file);
  souk_folder_reader_free (self->list);
  souk_gateway_request_done (&self->request);
  g_array_unref (self->path_blocks);
  g_free (self->etag);
  g_object_unref (self->message);
  g_free (self);
}
