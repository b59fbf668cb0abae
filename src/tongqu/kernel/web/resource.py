"""Lists and forms of the page, derived from the wire models of a room or domain.

A model's field carries what the page needs in `json_schema_extra`: `unit`, `list` (shown by default), `filter`,
`sort`, `kind` (`time`, `urn`, `region` where the JSON type does not say it). Labels stand in the locale of the module
under `fields.{name}`, options of an enumeration under `options.{enum}.{value}`, the title under `resources.{id}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from tongqu.kit.text import text

_TYPES = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean", "array": "text"}
_LIMITS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minimum": "min",
    "maximum": "max",
    "pattern": "pattern",
}


@dataclass(frozen=True)
class Resource:
    """One kind of row that the page lists, shows and edits.

    Attributes:
        id: `module.plural`, e.g. `fleets.vehicles`.
        path: below `/api/v1/`.
        row: model of a row of the list.
        create: model of the form for a new row, if the page may make one.
        edit: model of the form for a change, if the page may change one.
        key: name of the unique field.
        permission: needed to see; `edit_permission`: needed to make or change.
        importer: id of the importer that fills it, if there is one.
    """

    id: str
    path: str
    row: type[BaseModel]
    permission: str
    key: str = "id"
    create: type[BaseModel] | None = None
    edit: type[BaseModel] | None = None
    edit_permission: str | None = None
    importer: str | None = None


def described(resource: Resource) -> dict[str, Any]:
    """The resource as the page reads it from `/api/v1/meta`."""
    module = resource.id.split(".")[0]
    return {
        "id": resource.id,
        "title": text(f"{module}.resources.{resource.id.split('.', 1)[1]}"),
        "path": f"/api/v1/{resource.path}",
        "key": resource.key,
        "urn_field": "urn" if "urn" in resource.row.model_fields else None,
        "columns": _fields(module, resource.row),
        "form": _fields(module, resource.create) if resource.create else [],
        "edit_form": _fields(module, resource.edit) if resource.edit else [],
        "permission": resource.permission,
        "edit_permission": resource.edit_permission,
        "importer": resource.importer,
    }


def _fields(module: str, model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    required = set(schema.get("required", ()))
    return [
        _field(module, name, spec, definitions, name in required) for name, spec in schema.get("properties", {}).items()
    ]


def _field(module: str, name: str, spec: dict[str, Any], definitions: dict[str, Any], required: bool) -> dict[str, Any]:
    core = _core(spec, definitions)
    spec = core | spec  # what is said of the type inside `X | None` holds for the field
    described: dict[str, Any] = {
        "name": name,
        "label": text(f"{module}.fields.{name}"),
        "type": spec.get("kind") or ("enum" if "enum" in core else _TYPES.get(core.get("type", "string"), "text")),
        "required": required,
        "list": spec.get("list", True),
        "filter": spec.get("filter", False),
        "sort": spec.get("sort", False),
        "unit": spec.get("unit"),
        "default": spec.get("default"),
    }
    if "enum" in core:
        enum = spec.get("enum_id") or core.get("title", name)
        described["options"] = [
            {"value": value, "label": text(f"{module}.options.{enum}.{value}")} for value in core["enum"]
        ]
    described |= {ours: core[theirs] for theirs, ours in _LIMITS.items() if theirs in core}
    return described


def _core(spec: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The part of a field's schema that carries its type: through `$ref` and `anyOf [T, null]`."""
    if "$ref" in spec:
        return dict(definitions[spec["$ref"].rsplit("/", 1)[1]])
    for option in spec.get("anyOf", ()):
        if option.get("type") != "null":
            return _core(option, definitions)
    return spec
