"""JSON schemas for kubeconform, made of what an API server says of its kinds (/openapi/v2), so without a network.

kubeconform -strict -schema-location 'FOLDER/{{.ResourceKind}}{{.KindSuffix}}.json'
"""

import json
import pathlib

INT_OR_STRING = {"type": ["integer", "string"]}
QUANTITY = {"type": ["number", "string"]}


def strict(schema):
    """A schema with no room for unknown fields, but where the kind itself leaves some."""
    if schema.get("format") == "int-or-string" or schema.get("x-kubernetes-int-or-string"):
        return INT_OR_STRING
    made = dict(schema)
    if "properties" in schema:
        made["properties"] = {name: strict(field) for name, field in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made.setdefault("additionalProperties", False)
    for inner in ("items", "additionalProperties"):
        if isinstance(made.get(inner), dict):
            made[inner] = strict(made[inner])
    return made


def referenced(definitions, name, found):
    """`name`, and all that it leads to."""
    if name in found:
        return found
    found.add(name)
    open_nodes = [definitions[name]]
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                referenced(definitions, node["$ref"].rpartition("/")[2], found)
            open_nodes += node.values()
        elif isinstance(node, list):
            open_nodes += node
    return found


def write(openapi, folder):
    """One file for each version of each kind in the OpenAPI document, named as kubeconform asks for it."""
    definitions = {name: strict(node) for name, node in openapi["definitions"].items()}
    definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = QUANTITY
    for name, node in openapi["definitions"].items():
        for kind in node.get("x-kubernetes-group-version-kind", []):
            parts = [kind["kind"].lower(), kind["group"].partition(".")[0], kind["version"]]
            schema = {"$schema": "http://json-schema.org/draft-07/schema#", "$ref": f"#/definitions/{name}",
                      "definitions": {used: definitions[used] for used in referenced(definitions, name, set())}}
            file = "-".join(part for part in parts if part) + ".json"
            (pathlib.Path(folder) / file).write_text(json.dumps(schema))
