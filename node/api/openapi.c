/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command table as an OpenAPI 3.1 document. See openapi.h.
 */
#include "api/openapi.h"

#include "api/command.h"

#include <string.h>

static JsonObject *
object_with (const char *name, const char *value)
{
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, name, value);
  return object;
}

static JsonObject *
reference (const char *shape)
{
  g_autofree char *target = g_strconcat ("#/components/schemas/", shape, NULL);
  return object_with ("$ref", target);
}

/* The JSON schema of one value. */
static JsonObject *
field_schema (const SoukField *field)
{
  JsonObject *schema = json_object_new ();
  const char *type = "string";
  switch (field->type)
    {
    case SOUK_TYPE_STRING:
      break;
    case SOUK_TYPE_COINS:
      json_object_set_string_member (schema, "pattern", "^[0-9]+(\\.[0-9]+)?$");
      break;
    case SOUK_TYPE_WEI:
      json_object_set_string_member (schema, "pattern", "^[0-9]+$");
      break;
    case SOUK_TYPE_TIME:
      json_object_set_string_member (schema, "format", "date-time");
      break;
    case SOUK_TYPE_INTEGER:
      type = "integer";
      break;
    case SOUK_TYPE_NUMBER:
      type = "number";
      break;
    case SOUK_TYPE_BOOLEAN:
      type = "boolean";
      break;
    case SOUK_TYPE_STRINGS:
      type = "array";
      json_object_set_object_member (schema, "items", object_with ("type", "string"));
      break;
    case SOUK_TYPE_OBJECT:
      type = "object";
      break;
    case SOUK_TYPE_ARRAY:
      type = "array";
      if (field->shape != NULL)
        json_object_set_object_member (schema, "items", reference (field->shape->name));
      break;
    }
  json_object_set_string_member (schema, "type", type);
  json_object_set_string_member (schema, "description", field->help);
  return schema;
}

/* An object schema of a list of fields. */
static JsonObject *
fields_schema (const SoukField *fields)
{
  JsonObject *schema = object_with ("type", "object");
  JsonObject *properties = json_object_new ();
  JsonArray *required = json_array_new ();
  for (const SoukField *field = fields; field->name != NULL; field++)
    {
      json_object_set_object_member (properties, field->name, field_schema (field));
      if (field->is_required)
        json_array_add_string_element (required, field->name);
    }
  json_object_set_object_member (schema, "properties", properties);
  if (json_array_get_length (required) > 0)
    json_object_set_array_member (schema, "required", required);
  else
    json_array_unref (required);
  return schema;
}

static JsonObject *
media (const char *type, JsonObject *schema)
{
  JsonObject *inner = json_object_new ();
  JsonObject *content = json_object_new ();
  json_object_set_object_member (inner, "schema", schema);
  json_object_set_object_member (content, type, inner);
  return content;
}

static JsonObject *
reply_content (const SoukCommand *command)
{
  switch (command->reply_kind)
    {
    case SOUK_REPLY_OBJECT:
      return media ("application/json", reference (command->reply->name));
      case SOUK_REPLY_LIST: {
        SoukField fields[] = {
          { "items", SOUK_TYPE_ARRAY, true, false, "This page", command->reply },
          { "total", SOUK_TYPE_INTEGER, true, false, "How many there are in all", NULL },
          { NULL },
        };
        return media ("application/json", fields_schema (fields));
      }
      case SOUK_REPLY_BYTES: {
        JsonObject *schema = object_with ("type", "string");
        json_object_set_string_member (schema, "format", "binary");
        return media ("application/octet-stream", schema);
      }
    }
  return NULL;
}

static bool
is_in_path (const SoukCommand *command, const char *name)
{
  g_autofree char *braced = g_strdup_printf ("{%s}", name);
  return strstr (command->path, braced) != NULL;
}

/* Whether the arguments that are not in the path come in the query. */
static bool
uses_query (const SoukCommand *command)
{
  return command->body == SOUK_BODY_BYTES || strcmp (command->method, "GET") == 0
         || strcmp (command->method, "DELETE") == 0;
}

static JsonArray *
parameters_of (const SoukCommand *command)
{
  JsonArray *parameters = json_array_new ();
  for (const SoukField *arg = command->args; arg->name != NULL; arg++)
    {
      bool in_path = is_in_path (command, arg->name);
      if (!in_path && !uses_query (command))
        continue;
      JsonObject *parameter = object_with ("name", arg->name);
      json_object_set_string_member (parameter, "in", in_path ? "path" : "query");
      json_object_set_boolean_member (parameter, "required", in_path || arg->is_required);
      json_object_set_object_member (parameter, "schema", field_schema (arg));
      json_array_add_object_element (parameters, parameter);
    }
  return parameters;
}

/* Returns: (transfer full) (nullable): what the request's body must be. */
static JsonObject *
request_body_of (const SoukCommand *command)
{
  if (command->body == SOUK_BODY_JSON && uses_query (command))
    return NULL;
  JsonObject *body = json_object_new ();
  JsonObject *content;
  if (command->body == SOUK_BODY_BYTES)
    {
      JsonObject *schema = object_with ("type", "string");
      json_object_set_string_member (schema, "format", "binary");
      content = media ("application/octet-stream", schema);
    }
  else
    {
      g_autoptr (GArray) rest = g_array_new (TRUE, TRUE, sizeof (SoukField));
      for (const SoukField *arg = command->args; arg->name != NULL; arg++)
        if (!is_in_path (command, arg->name))
          g_array_append_vals (rest, arg, 1);
      content = media ("application/json", fields_schema ((const SoukField *)rest->data));
    }
  json_object_set_boolean_member (body, "required", TRUE);
  json_object_set_object_member (body, "content", content);
  return body;
}

static JsonObject *
operation_of (const SoukCommand *command)
{
  JsonObject *operation = object_with ("operationId", command->name);
  JsonObject *body = request_body_of (command);
  JsonObject *ok = object_with ("description", command->summary);
  JsonObject *problem = object_with ("description", "What went wrong, and what to do");
  JsonObject *responses = json_object_new ();

  json_object_set_string_member (operation, "summary", command->summary);
  json_object_set_array_member (operation, "parameters", parameters_of (command));
  if (body != NULL)
    json_object_set_object_member (operation, "requestBody", body);
  json_object_set_object_member (ok, "content", reply_content (command));
  json_object_set_object_member (problem, "content",
                                 media ("application/problem+json", reference ("Problem")));
  json_object_set_object_member (responses, "200", ok);
  json_object_set_object_member (responses, "default", problem);
  json_object_set_object_member (operation, "responses", responses);
  return operation;
}

/* Adds a shape and those that its fields hold. */
static void
add_shape (JsonObject *schemas, const SoukShape *shape)
{
  if (shape == NULL || json_object_has_member (schemas, shape->name))
    return;
  json_object_set_object_member (schemas, shape->name, fields_schema (shape->fields));
  for (const SoukField *field = shape->fields; field->name != NULL; field++)
    add_shape (schemas, field->shape);
}

static JsonObject *
components (void)
{
  static const SoukField problem[] = {
    { "type", SOUK_TYPE_STRING, true, false, "about:blank", NULL },
    { "title", SOUK_TYPE_STRING, true, false, "A stable name", NULL },
    { "status", SOUK_TYPE_INTEGER, true, false, "The HTTP status", NULL },
    { "detail", SOUK_TYPE_STRING, true, false, "A sentence that says what to do", NULL },
    { NULL },
  };
  JsonObject *schemas = json_object_new ();
  JsonObject *bearer = object_with ("type", "http");
  JsonObject *schemes = json_object_new ();
  JsonObject *all = json_object_new ();
  size_t count;
  const SoukCommand *commands = souk_commands (&count);

  json_object_set_object_member (schemas, "Problem", fields_schema (problem));
  for (size_t i = 0; i < count; i++)
    add_shape (schemas, commands[i].reply);
  json_object_set_string_member (bearer, "scheme", "bearer");
  json_object_set_object_member (schemes, "token", bearer);
  json_object_set_object_member (all, "schemas", schemas);
  json_object_set_object_member (all, "securitySchemes", schemes);
  return all;
}

JsonNode *
souk_openapi_document (const char *version)
{
  JsonObject *document = object_with ("openapi", "3.1.0");
  JsonObject *info = object_with ("title", "Souk");
  JsonObject *paths = json_object_new ();
  JsonObject *need = json_object_new ();
  JsonArray *security = json_array_new ();
  size_t count;
  const SoukCommand *commands = souk_commands (&count);

  json_object_set_string_member (info, "version", version);
  json_object_set_object_member (document, "info", info);
  for (size_t i = 0; i < count; i++)
    {
      g_autofree char *method = g_ascii_strdown (commands[i].method, -1);
      if (!json_object_has_member (paths, commands[i].path))
        json_object_set_object_member (paths, commands[i].path, json_object_new ());
      json_object_set_object_member (json_object_get_object_member (paths, commands[i].path),
                                     method, operation_of (&commands[i]));
    }
  json_object_set_object_member (document, "paths", paths);
  json_object_set_object_member (document, "components", components ());
  json_object_set_array_member (need, "token", json_array_new ());
  json_array_add_object_element (security, need);
  json_object_set_array_member (document, "security", security);

  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, document);
  return node;
}
