/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Notifications. See notify.h.
 */
#include "notify.h"

#include "ui/place.h"

#include <glib/gi18n.h>

/* Of the application: the names of the notifications that it has sent. */
#define TOLD "souk-told"

/* A person who looks at the window is told there. */
static bool
tell_in_window (GApplication *application, const char *title, const char *body)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));
  if (window == NULL || !gtk_window_is_active (window))
    return false;
  g_autofree char *text = g_strdup_printf ("%s. %s", title, body);
  souk_toast (adw_application_window_get_content (ADW_APPLICATION_WINDOW (window)), text);
  return true;
}

static void
send (GApplication *application, SoukItem *item, const char *action, const char *title,
      const char *body)
{
  if (tell_in_window (application, title, body))
    return;
  g_autoptr (GNotification) notification = g_notification_new (title);
  g_autofree char *id = souk_item_dup_text (item, "id");
  g_autofree char *tag = g_strdup_printf ("%s-%s", action, id);
  g_notification_set_body (notification, body);
  g_notification_set_default_action_and_target (notification, action, "s", id);
  GPtrArray *told = g_object_get_data (G_OBJECT (application), TOLD);
  /* GIO's sender for desktops other than GNOME points at the application without holding it, and
   * recurses without end when it is dropped before the desktop has answered. How long an answer
   * takes is the desktop's business, so that whoever has sent one lives as long as the process. */
  if (told->len == 0)
    g_object_ref (application);
  g_application_send_notification (application, tag, notification);
  g_ptr_array_add (told, g_steal_pointer (&tag));
}

static void
on_order_ended (GApplication *application, SoukItem *order)
{
  g_autofree char *title = souk_item_dup_text (order, "title");
  g_autofree char *sentence = souk_item_dup_text (order, "sentence");
  g_autofree char *net = souk_item_dup_text (order, "net");
  if (souk_item_is (order, "role", "buyer"))
    {
      bool is_good = souk_item_is (order, "phase", "complete");
      g_autofree char *body = is_good ? g_strdup (_ ("The text is yours.")) : g_strdup (sentence);
      send (application, order, "app.show-order", title, body);
    }
  else if (souk_item_is (order, "phase", "paid"))
    {
      g_autofree char *heading = g_strdup_printf (_ ("Sold: %s"), title);
      g_autofree char *body = g_strdup_printf (_ ("You receive %s after the 3 %% fee."), net);
      send (application, order, "app.show-order", heading, body);
    }
}

static void
on_job_ended (GApplication *application, SoukItem *job)
{
  g_autofree char *title = souk_item_dup_text (job, "title");
  g_autofree char *sentence = souk_item_dup_text (job, "sentence");
  if (souk_item_is (job, "role", "requester"))
    send (application, job, "app.show-job", title, sentence);
}

void
souk_notify_follow (GApplication *application, SoukClient *client)
{
  g_object_set_data_full (G_OBJECT (application), TOLD, g_ptr_array_new_with_free_func (g_free),
                          (GDestroyNotify)g_ptr_array_unref);
  g_signal_connect_object (client, "order-ended", G_CALLBACK (on_order_ended), application,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "job-ended", G_CALLBACK (on_job_ended), application,
                           G_CONNECT_SWAPPED);
}

void
souk_notify_end (GApplication *application)
{
  GPtrArray *told = g_object_get_data (G_OBJECT (application), TOLD);
  for (guint i = 0; told != NULL && i < told->len; i++)
    g_application_withdraw_notification (application, told->pdata[i]);
}
