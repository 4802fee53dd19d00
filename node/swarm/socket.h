/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TCP sockets: the system calls that the swarm needs. GLIB, node thread. All sockets are
 * non-blocking and closed on exec.
 */
#pragma once
#include "base/multiaddr.h"

#include <sys/types.h>

/* Each returns -1 and sets `error` when it fails. `ip` has 4 or 16 bytes. */
int souk_socket_listen (SoukSlice ip, uint16_t port, GError **error);
/* Begins to connect: the socket is writable when that has ended, see souk_socket_error(). */
int souk_socket_connect (SoukSlice ip, uint16_t port, GError **error);
/* Returns: the next connection and where it comes from; -1 when there is none. */
int souk_socket_accept (int fd, SoukMultiaddr *out_from);
/* Returns: 0, or the errno with which connecting failed. */
int souk_socket_error (int fd);
/* The address this end is bound to. */
bool souk_socket_local (int fd, SoukMultiaddr *out);
/* Returns: bytes read; 0 at the end; -1 with errno EAGAIN when nothing is there. */
ssize_t souk_socket_read (int fd, uint8_t *out, size_t size);
ssize_t souk_socket_write (int fd, SoukSlice in);
/* The addresses of this host's interfaces of one family (ip_len 4 or 16), link-local ones left out.
 * Appends SoukMultiaddrs with `port`. */
void souk_socket_interfaces (size_t ip_len, uint16_t port, GArray *out);
/* True when all bytes are zero: every interface. */
bool souk_ip_is_unspecified (SoukSlice ip);
bool souk_ip_is_loopback (SoukSlice ip);
