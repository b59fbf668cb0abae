"""Lists and forms of the page, derived from the wire models of a room or domain.

A model's field carries what the page needs in `json_schema_extra`: `unit`, `list` (shown by default), `filter`,
`sort`, `kind` (`time`, `urn`, `region`, `longtext`, `password`, `geometry` where the JSON type does not say it),
`shapes` of a geometry (`point`, `line`, `polygon`; the value is GeoJSON), `refers` (id of the resource whose key the
value is: the form searches it). A model inside a model is a group of fields, a list of models a list of such groups.
Labels stand in the locale of the module under `fields.{name}`, what helps to fill one in under `help.{name}`, options
of an enumeration under `options.{enum}.{value}`, the title under `resources.{id}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from tongqu.kit.text import has, text

_TYPES = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean", "array": "text"}
_LIMITS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minimum": "min",
    "maximum": "max",
    "pattern": "pattern",
}

_DEEPEST = 3
"""Groups within groups that a form still shows."""


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
        "columns": _fields(module, resource.row, _DEEPEST),
        "form": _fields(module, resource.create) if resource.create else [],
        "edit_form": _fields(module, resource.edit) if resource.edit else [],
        "permission": resource.permission,
        "edit_permission": resource.edit_permission,
        "importer": resource.importer,
    }


def _fields(module: str, model: type[BaseModel], depth: int = 0) -> list[dict[str, Any]]:
    """Fields of a form, or of a row at the greatest depth: a list shows no groups."""
    schema = model.model_json_schema()
    return _group(module, schema, schema.get("$defs", {}), depth)


def _group(module: str, schema: dict[str, Any], definitions: dict[str, Any], depth: int) -> list[dict[str, Any]]:
    required = set(schema.get("required", ()))
    found = schema.get("properties", {}).items()
    return [_field(module, name, spec, definitions, name in required, depth) for name, spec in found]


def _field(
    module: str, name: str, spec: dict[str, Any], definitions: dict[str, Any], required: bool, depth: int
) -> dict[str, Any]:
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
    if has(f"{module}.help.{name}"):
        described["help"] = text(f"{module}.help.{name}")
    described |= {what: spec[what] for what in ("refers", "shapes") if what in spec}
    if "enum" in core:
        described["options"] = _options(module, name, spec, core)
    elif core.get("type") == "array":
        described |= _several(module, name, spec, _core(core.get("items", {}), definitions), definitions, depth)
    elif "properties" in core and "kind" not in spec and depth < _DEEPEST:
        described |= {"type": "group", "fields": _group(module, core, definitions, depth + 1)}
    described |= {ours: core[theirs] for theirs, ours in _LIMITS.items() if theirs in core}
    return described


def _several(
    module: str, name: str, spec: dict[str, Any], one: dict[str, Any], definitions: dict[str, Any], depth: int
) -> dict[str, Any]:
    """What is said of a list, by what it is a list of."""
    if "enum" in one:
        return {"several": True, "options": _options(module, name, spec, one)}
    if "properties" in one and depth < _DEEPEST:
        return {"type": "groups", "several": True, "fields": _group(module, one, definitions, depth + 1)}
    return {"several": True}


def _options(module: str, name: str, spec: dict[str, Any], core: dict[str, Any]) -> list[dict[str, Any]]:
    enum = spec.get("enum_id") or core.get("title", name)
    return [{"value": value, "label": text(f"{module}.options.{enum}.{value}")} for value in core["enum"]]


def _core(spec: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The part of a field's schema that carries its type: through `$ref` and `anyOf [T, null]`."""
    if "$ref" in spec:
        return dict(definitions[spec["$ref"].rsplit("/", 1)[1]])
    for option in spec.get("anyOf", ()):
        if option.get("type") != "null":
            return _core(option, definitions)
    return spec
