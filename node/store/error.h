/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can go wrong with the disk: the GError domain of store/. GLIB.
 */
#pragma once
#include <glib.h>

typedef enum {
  SOUK_STORE_ERROR_LOCKED,    /* another node uses this data folder */
  SOUK_STORE_ERROR_CORRUPT,   /* the database is damaged; nothing is changed */
  SOUK_STORE_ERROR_TOO_NEW,   /* a newer Souk wrote this data folder */
  SOUK_STORE_ERROR_IO,        /* the disk failed; the store takes no more writes */
  SOUK_STORE_ERROR_NO_SPACE,  /* the file system is full, or nearly */
  SOUK_STORE_ERROR_FULL,      /* the owner's limit for content is reached */
  SOUK_STORE_ERROR_BAD_BLOCK, /* bytes are not what their CID names */
  SOUK_STORE_ERROR_NOT_FOUND, /* no such block here */
} SoukStoreError;

#define SOUK_STORE_ERROR (souk_store_error_quark ())
GQuark souk_store_error_quark (void);
