/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the five places have in common. See place.h.
 */
#include "ui/place.h"

typedef struct {
  SoukClient *client;
  GMenuModel *menu;
  gboolean is_narrow;
} SoukPlacePrivate;

enum { PROP_CLIENT = 1, PROP_MENU, PROP_IS_NARROW };

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (SoukPlace, souk_place, ADW_TYPE_BIN)

SoukClient *
souk_place_client (SoukPlace *self)
{
  SoukPlacePrivate *priv = souk_place_get_instance_private (self);
  return priv->client;
}

void
souk_place_search (SoukPlace *self)
{
  if (SOUK_PLACE_GET_CLASS (self)->search != NULL)
    SOUK_PLACE_GET_CLASS (self)->search (self);
}

void
souk_toast (GtkWidget *widget, const char *sentence)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);
  if (overlay == NULL)
    return;
  AdwToast *toast = adw_toast_new (sentence);
  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

void
souk_copy (GtkWidget *widget, const char *text, const char *sentence)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  souk_toast (widget, sentence);
}

static void
souk_place_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  SoukPlace *self = SOUK_PLACE (object);
  SoukPlacePrivate *priv = souk_place_get_instance_private (self);
  if (id == PROP_CLIENT)
    {
      if (g_set_object (&priv->client, g_value_get_object (value)) && priv->client != NULL)
        SOUK_PLACE_GET_CLASS (self)->connected (self, priv->client);
    }
  else if (id == PROP_MENU)
    g_set_object (&priv->menu, g_value_get_object (value));
  else if (id == PROP_IS_NARROW)
    priv->is_narrow = g_value_get_boolean (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
souk_place_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SoukPlacePrivate *priv = souk_place_get_instance_private (SOUK_PLACE (object));
  if (id == PROP_CLIENT)
    g_value_set_object (value, priv->client);
  else if (id == PROP_MENU)
    g_value_set_object (value, priv->menu);
  else if (id == PROP_IS_NARROW)
    g_value_set_boolean (value, priv->is_narrow);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
souk_place_dispose (GObject *object)
{
  SoukPlacePrivate *priv = souk_place_get_instance_private (SOUK_PLACE (object));
  g_clear_object (&priv->client);
  g_clear_object (&priv->menu);
  G_OBJECT_CLASS (souk_place_parent_class)->dispose (object);
}

static void
souk_place_init (SoukPlace *self)
{
}

static void
souk_place_class_init (SoukPlaceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->set_property = souk_place_set_property;
  object_class->get_property = souk_place_get_property;
  object_class->dispose = souk_place_dispose;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  g_object_class_install_property (
      object_class, PROP_CLIENT,
      g_param_spec_object ("client", NULL, NULL, SOUK_TYPE_CLIENT, flags));
  g_object_class_install_property (
      object_class, PROP_MENU, g_param_spec_object ("menu", NULL, NULL, G_TYPE_MENU_MODEL, flags));
  g_object_class_install_property (object_class, PROP_IS_NARROW,
                                   g_param_spec_boolean ("is-narrow", NULL, NULL, FALSE, flags));
}
