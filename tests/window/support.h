/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the window's tests share: a node on a folder of its own, a window on it, and the ways to
 * look at widgets. Everything is real; only the person is played.
 */
#pragma once
#include "ui/window.h"

#include "node.h"

typedef struct {
  char *folder; /* made for the test, and removed with it */
  SoukNode *node;
  SoukClient *client;
  SoukWindow *window; /* NULL without a window */
} Desk;

/* Once for each program: GTK, the application that windows belong to, the icons. */
void support_init (int *argc, char ***argv);

/* A node and a client; with a window when `has_window`. */
void desk_open (Desk *self, bool has_window);
/* The same, with a node that knows the address of another. */
void desk_open_near (Desk *self, const Desk *other);
/* Closes all and asserts that the window and the client are gone for good. */
void desk_close (Desk *self);

/* Runs the main loop until the condition holds; fails the test after a minute. The
 * condition may have effects: what was met is not asked again. */
#define wait_until(condition)                                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 wait_end = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;                           \
    bool wait_is_met;                                                                              \
    while (!(wait_is_met = (condition)) && g_get_monotonic_time () < wait_end)                     \
      support_turn ();                                                                             \
    if (!wait_is_met)                                                                              \
      g_assertion_message (G_LOG_DOMAIN, __FILE__, __LINE__, G_STRFUNC, "never: " #condition);     \
  }                                                                                                \
  G_STMT_END

/* One turn of the main loop, at most 20 ms. */
void support_turn (void);
/* Runs the main loop for a while: where nothing is to happen, or something may. What must happen
 * is waited for. */
void support_idle (guint ms);

/* Returns: (nullable): the first widget under `root` that interface files call `id`. */
GtkWidget *find_by_id (GtkWidget *root, const char *id);
/* Returns: (nullable): the first label under `root` that is shown and contains `text`. */
GtkWidget *find_label (GtkWidget *root, const char *text);
/* Returns: (nullable): the dialog that the window shows. */
AdwDialog *shown_dialog (SoukWindow *window);

/* Presses keys as a keyboard does: "alt+2". */
void press_keys (const char *keys);

/* Publishes a free prompt by the node's command, as another program would. */
void publish (Desk *self, const char *title);
