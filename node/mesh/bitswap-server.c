/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What peers want: ledgers, NEEDs, answers. PURE. See bitswap-private.h.
 */
#include "mesh/bitswap-private.h"

typedef enum {
  LINE_TODO,    /* in peer->todo */
  LINE_NEEDED,  /* the driver was asked */
  LINE_QUEUED,  /* its block is in peer->blocks; a repeated want changes nothing */
  LINE_MISSING, /* waits for the block to come */
} LineState;

/* One open want of a peer. */
typedef struct {
  SoukCid cid;
  int32_t priority;
  SoukBitswapWantType type;
  bool send_dont_have;
  LineState state;
  SoukMono until;
} Line;

/* A block that is to be sent. */
typedef struct {
  SoukCid cid;
  GBytes *block;
} Outgoing;

void
souk_bitswap_server_init (SoukBitswapPeer *peer)
{
  peer->ledger = g_hash_table_new_full (souk_cid_hash, souk_cid_equal, NULL, g_free);
  g_queue_init (&peer->todo);
  g_queue_init (&peer->blocks);
  peer->presences = g_byte_array_new ();
}

static void
outgoing_free (SoukBitswap *self, SoukBitswapPeer *peer, Outgoing *outgoing)
{
  size_t len = g_bytes_get_size (outgoing->block);
  peer->blocks_bytes -= len;
  self->stats.queued_bytes -= len;
  g_bytes_unref (outgoing->block);
  g_free (outgoing);
}

static void
remove_line (SoukBitswap *self, SoukBitswapPeer *peer, Line *line)
{
  if (line->state == LINE_TODO)
    g_queue_remove (&peer->todo, line);
  if (line->state == LINE_NEEDED)
    peer->needs--;
  self->stats.ledger--;
  g_hash_table_remove (peer->ledger, &line->cid);
}

static void
clear_ledger (SoukBitswap *self, SoukBitswapPeer *peer)
{
  self->stats.ledger -= g_hash_table_size (peer->ledger);
  g_queue_clear (&peer->todo);
  g_hash_table_remove_all (peer->ledger);
  peer->needs = 0;
}

void
souk_bitswap_server_done (SoukBitswap *self, SoukBitswapPeer *peer)
{
  Outgoing *outgoing;
  clear_ledger (self, peer);
  g_hash_table_unref (peer->ledger);
  while ((outgoing = g_queue_pop_head (&peer->blocks)) != NULL)
    outgoing_free (self, peer, outgoing);
  g_byte_array_unref (peer->presences);
}

/* "S SHOULD respect the relative priority of wantlist requests": behind all that are not lower. */
static void
push_todo (SoukBitswapPeer *peer, Line *line)
{
  GList *at = peer->todo.tail;
  line->state = LINE_TODO;
  while (at != NULL && ((Line *)at->data)->priority < line->priority)
    at = at->prev;
  g_queue_insert_after (&peer->todo, at, line);
}

static void
push_presence (SoukBitswapPeer *peer, const SoukCid *cid, bool has)
{
  if (peer->presences->len < SOUK_BITSWAP_PRESENCES_BYTES_MAX)
    souk_append_bitswap_presence (peer->presences, cid, has);
}

static void
recv_entry (SoukBitswap *self, SoukBitswapPeer *peer, const SoukBitswapEntry *entry, SoukMono now)
{
  Line *line = g_hash_table_lookup (peer->ledger, &entry->cid);
  if (entry->is_cancel)
    {
      if (line != NULL)
        remove_line (self, peer, line);
      return;
    }
  if (line == NULL)
    {
      if (g_hash_table_size (peer->ledger) >= SOUK_BITSWAP_LEDGER_MAX)
        {
          /* It had better ask elsewhere than wait. */
          if (entry->send_dont_have)
            push_presence (peer, &entry->cid, false);
          return;
        }
      line = g_new0 (Line, 1);
      line->cid = entry->cid;
      line->type = entry->type;
      g_hash_table_insert (peer->ledger, &line->cid, line);
      self->stats.ledger++;
    }
  else if (line->state == LINE_QUEUED)
    return;
  /* Whoever wants the block is not content with knowing of it. */
  if (entry->type == SOUK_BITSWAP_WANT_BLOCK)
    line->type = SOUK_BITSWAP_WANT_BLOCK;
  line->priority = entry->priority;
  line->send_dont_have = entry->send_dont_have;
  line->until = souk_mono_add_ms (now, SOUK_BITSWAP_LEDGER_MS);
  if (line->state == LINE_TODO)
    g_queue_remove (&peer->todo, line); /* nothing when it is new */
  if (line->state != LINE_NEEDED)
    push_todo (peer, line);
}

void
souk_bitswap_server_recv_wantlist (SoukBitswap *self, SoukBitswapPeer *peer, SoukSlice wantlist,
                                   SoukMono now)
{
  unsigned count = 0;
  SoukFields fields = souk_fields (wantlist);
  while (souk_fields_next (&fields))
    if (fields.number == SOUK_BITSWAP_FULL && fields.value != 0)
      clear_ledger (self, peer);

  fields = souk_fields (wantlist);
  while (souk_fields_next (&fields))
    {
      SoukBitswapEntry entry;
      if (fields.number != SOUK_BITSWAP_ENTRIES || ++count > 2 * SOUK_BITSWAP_LEDGER_MAX)
        continue;
      /* An entry of a later version, or with a CID that is not read, harms no other. */
      if (souk_bitswap_entry_parse (fields.bytes, &entry) == SOUK_STATUS_OK)
        recv_entry (self, peer, &entry, now);
    }
}

bool
souk_bitswap_server_next_need (SoukBitswapPeer *peer, SoukBitswapEvent *out)
{
  if (peer->needs >= SOUK_BITSWAP_NEEDS_MAX || peer->blocks_bytes >= SOUK_BITSWAP_QUEUE_BYTES)
    return false;
  Line *line = g_queue_pop_head (&peer->todo);
  if (line == NULL)
    return false;
  line->state = LINE_NEEDED;
  peer->needs++;
  *out = (SoukBitswapEvent){
    .type = SOUK_BITSWAP_EVENT_NEED,
    .peer = peer->id,
    .cid = line->cid,
    .needs_block = line->type == SOUK_BITSWAP_WANT_BLOCK,
  };
  return true;
}

static void
push_block (SoukBitswap *self, SoukBitswapPeer *peer, Line *line, GBytes *block)
{
  Outgoing *outgoing = g_new (Outgoing, 1);
  *outgoing = (Outgoing){ line->cid, g_bytes_ref (block) };
  peer->needs--;
  line->state = LINE_QUEUED;
  g_queue_push_tail (&peer->blocks, outgoing);
  peer->blocks_bytes += g_bytes_get_size (block);
  self->stats.queued_bytes += g_bytes_get_size (block);
}

void
souk_bitswap_answer (SoukBitswap *self, const SoukPeerId *id, const SoukCid *cid,
                     const SoukBitswapHolding *holding, SoukMono now)
{
  SoukBitswapPeer *peer = souk_bitswap_find_peer (self, id);
  Line *line = peer != NULL ? g_hash_table_lookup (peer->ledger, cid) : NULL;
  if (line == NULL || line->state != LINE_NEEDED)
    return;

  bool is_block = line->type == SOUK_BITSWAP_WANT_BLOCK;
  g_assert (holding->block == NULL || g_bytes_get_size (holding->block) == holding->size_bytes);
  if (holding->is_here && is_block && holding->block == NULL)
    {
      /* It was a want for presence when the driver was asked, and is one for the block now. */
      peer->needs--;
      push_todo (peer, line);
      return;
    }
  if (holding->is_here && holding->size_bytes <= SOUK_BITSWAP_BLOCK_SIZE_MAX)
    {
      if (holding->block != NULL && (is_block || holding->size_bytes <= SOUK_BITSWAP_HAVE_SIZE_MAX))
        push_block (self, peer, line, holding->block);
      else
        {
          push_presence (peer, cid, true);
          remove_line (self, peer, line);
        }
      return;
    }
  /* "S SHOULD respond with DontHave" when asked to; the want stays for when the block comes. */
  if (line->send_dont_have)
    push_presence (peer, cid, false);
  peer->needs--;
  line->state = LINE_MISSING;
}

void
souk_bitswap_block_added (SoukBitswap *self, const SoukCid *cid)
{
  for (guint i = 0; i < self->peers->len; i++)
    {
      SoukBitswapPeer *peer = g_ptr_array_index (self->peers, i);
      Line *line = g_hash_table_lookup (peer->ledger, cid);
      if (line != NULL && line->state == LINE_MISSING)
        push_todo (peer, line);
    }
}

bool
souk_bitswap_server_has_answers (const SoukBitswapPeer *peer)
{
  return peer->presences->len > 0 || peer->blocks.length > 0;
}

void
souk_bitswap_server_take_answers (SoukBitswap *self, SoukBitswapPeer *peer, GByteArray *message)
{
  Outgoing *outgoing;
  souk_append (message, souk_slice_from_array (peer->presences));
  g_byte_array_set_size (peer->presences, 0);
  while ((outgoing = g_queue_peek_head (&peer->blocks)) != NULL)
    {
      SoukSlice data = souk_slice_from_bytes (outgoing->block);
      Line *line = g_hash_table_lookup (peer->ledger, &outgoing->cid);
      bool is_wanted = line != NULL && line->state == LINE_QUEUED;
      /* The envelope of a block is less than 64 bytes. The largest block goes alone. */
      if (is_wanted && message->len > 0
          && message->len + data.len + 64 > SOUK_BITSWAP_MESSAGE_SIZE_TARGET)
        break;
      if (is_wanted)
        {
          souk_append_bitswap_payload (message, &outgoing->cid, data);
          self->stats.blocks_sent++;
          self->stats.bytes_sent += data.len;
          remove_line (self, peer, line);
        }
      g_queue_pop_head (&peer->blocks);
      outgoing_free (self, peer, outgoing);
    }
  /* "the number of bytes that are pending to be sent to C" */
  if (peer->blocks_bytes > 0)
    souk_append_field_number (message, SOUK_BITSWAP_PENDING, peer->blocks_bytes);
}

void
souk_bitswap_server_expire (SoukBitswap *self, SoukBitswapPeer *peer, SoukMono now)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, peer->ledger);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Line *line = value;
      if (line->state != LINE_MISSING || !souk_mono_is_due (line->until, now))
        continue;
      self->stats.ledger--;
      g_hash_table_iter_remove (&iter);
    }
}
