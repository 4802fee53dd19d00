/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What gateway.c and gateway-answer.c share.
 */
#pragma once
#include "api/gateway.h"
#include "dag/car.h"
#include "dag/folder-reader.h"
#include "dag/path.h"
#include "dag/unixfs-reader.h"

typedef enum {
  PHASE_PATH, /* follows the path */
  PHASE_LOOK, /* gets the block that it leads to */
  PHASE_CAR,
  PHASE_FILE,
  PHASE_LIST,
  PHASE_END, /* all is in the body, or it failed */
} Phase;

struct SoukGatewayJob {
  const SoukGatewaySource *source;
  SoupServerMessage *message; /* a reference */
  SoukGatewayFail fail;
  void *fail_user;
  SoukGatewayRequest request;
  const char *name; /* nullable, borrowed: what the file is called */
  bool is_head;
  bool is_local_only; /* peers are not asked */

  Phase phase;
  SoukPath *path;
  SoukWalk *walk;
  SoukUnixfsReader *file;
  SoukFolderReader *list;
  SoukCid cid;         /* where the path leads; from PHASE_LOOK on */
  char *etag;          /* likewise */
  GArray *path_blocks; /* of SoukDagBlock: for an archive */
  uint64_t path_size;
  GPtrArray *wants; /* of Want *, owned: what is asked of peers */

  const char *type; /* of a file; NULL until it is known */
  uint64_t size;    /* of a file or block; then the part that is asked for */
  uint64_t offset;
  uint64_t len;
  bool is_part;
  unsigned entries; /* of a list, sent */

  bool has_head;    /* the status and headers are set */
  bool is_started;  /* the head is on its way to the client */
  bool is_paused;   /* the message waits for us */
  uint64_t backlog; /* bytes in the body that the client has not taken */
  bool has_moved;   /* since the last look of the stall timer */
  GSource *stall;
};

typedef struct {
  SoukGatewayJob *job;
  void *handle;
} Want;

/* Returns: (transfer full): the entity tag of what a request for this CID is answered with. */
char *souk_gateway_etag (const SoukGatewayRequest *request, const SoukCid *cid);
/* Answers 304 when the client has it. */
bool souk_gateway_answer_unchanged (SoukGatewayJob *self);
/* Sets the part that is asked for; answers 416, and returns false, when there is no such part. */
bool souk_gateway_take_range (SoukGatewayJob *self);
/* Set status and headers. */
void souk_gateway_answer_file (SoukGatewayJob *self);
void souk_gateway_answer_raw (SoukGatewayJob *self);
void souk_gateway_answer_car (SoukGatewayJob *self);
void souk_gateway_answer_list (SoukGatewayJob *self);
