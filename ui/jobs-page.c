/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Jobs. See jobs-page.h.
 */
#include "ui/jobs-page.h"

#include "ui/job-page.h"
#include "ui/list-frame.h"
#include "ui/model/item-list.h"
#include "ui/request-dialog.h"

struct _SoukJobsPage {
  SoukPlace parent_instance;
  AdwNavigationView *navigation;
  SoukListFrame *frame;
  GtkListView *view;
};

G_DEFINE_FINAL_TYPE (SoukJobsPage, souk_jobs_page, SOUK_TYPE_PLACE)

static void
show_job (SoukJobsPage *self, SoukItem *job)
{
  adw_navigation_view_push (self->navigation,
                            souk_job_page_new (souk_place_client (SOUK_PLACE (self)), job));
}

static void
on_activated (SoukJobsPage *self, guint position)
{
  GListModel *model = G_LIST_MODEL (gtk_list_view_get_model (self->view));
  g_autoptr (SoukItem) job = g_list_model_get_item (model, position);
  show_job (self, job);
}

void
souk_jobs_page_show (SoukJobsPage *self, const char *id)
{
  SoukItemList *jobs = souk_client_jobs (souk_place_client (SOUK_PLACE (self)));
  g_autoptr (SoukItem) job = souk_item_list_find (jobs, "id", id);
  adw_navigation_view_pop_to_tag (self->navigation, "browse");
  if (job != NULL)
    show_job (self, job);
}

static void
on_requested (SoukJobsPage *self, SoukItem *job)
{
  adw_navigation_view_pop_to_tag (self->navigation, "browse");
  show_job (self, job);
}

void
souk_jobs_page_request (SoukJobsPage *self)
{
  SoukRequestDialog *dialog = souk_request_dialog_new (souk_place_client (SOUK_PLACE (self)));
  g_signal_connect_object (dialog, "requested", G_CALLBACK (on_requested), self, G_CONNECT_SWAPPED);
  adw_dialog_present (ADW_DIALOG (dialog), GTK_WIDGET (self));
}

static void
souk_jobs_page_connected (SoukPlace *place, SoukClient *client)
{
  SoukJobsPage *self = SOUK_JOBS_PAGE (place);
  SoukItemList *jobs = souk_client_jobs (client);
  g_autoptr (GtkNoSelection) model = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (jobs)));
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (model));
  g_object_set (self->frame, "list", jobs, NULL);
}

static void
souk_jobs_page_dispose (GObject *object)
{
  /* The template would take the bin's child away behind its back. */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), SOUK_TYPE_JOBS_PAGE);
  G_OBJECT_CLASS (souk_jobs_page_parent_class)->dispose (object);
}

static void
souk_jobs_page_init (SoukJobsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
souk_jobs_page_class_init (SoukJobsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = souk_jobs_page_dispose;
  SOUK_PLACE_CLASS (klass)->connected = souk_jobs_page_connected;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/soukmarket/Souk/ui/jobs-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SoukJobsPage, navigation);
  gtk_widget_class_bind_template_child (widget_class, SoukJobsPage, frame);
  gtk_widget_class_bind_template_child (widget_class, SoukJobsPage, view);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
}
