"""`tongqu dev new-module NAME [TITLE] [FIELD]`: a new domain with a table, routes, layer, rule, indicator and page.

The files stand in `template/`; `$id`, `$title`, `$Title` and `$field` are filled in. Nothing outside the new folder
changes: a domain is found by its folder.
"""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from tongqu.app.progress import both, console
from tongqu.kernel.module import FIELDS

TEMPLATE = Path(__file__).parent / "template"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")


def make(root: Path, name: str = "", title: str = "", field: str = "services") -> int:
    """Write the folder of a new domain below a source tree; gives 0, or 2 where that makes no sense.

    Args:
        root: of the tree.
        name: of the folder and first part of all its names; lower case, as the field of work is called in English.
        title: what it is called in Chinese; the name by default.
        field: one of the fields of work.
    """
    domains = root / "src" / "tongqu" / "domains"
    target = domains / name
    if not _NAME.fullmatch(name):
        console.print(both("app.new_module.bad_name", name=name), style="red", markup=False)
        return 2
    if field not in FIELDS[:-1]:
        console.print(both("app.new_module.bad_field", field=field, known=", ".join(FIELDS[:-1])), style="red")
        return 2
    if target.exists() or (root / "src" / "tongqu" / "kernel" / name).exists():
        console.print(both("app.new_module.taken", name=name), style="red")
        return 2
    filled = {"id": name, "title": title or name, "Title": name.replace("_", " ").capitalize(), "field": field}
    for source in sorted(TEMPLATE.rglob("*.tmpl")):
        place = target / source.relative_to(TEMPLATE).with_suffix("")
        if place.parent.name == "migrations":
            place = place.with_name(f"{name}_{place.name}")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(Template(source.read_text(encoding="utf-8")).substitute(filled), encoding="utf-8")
    console.print(both("app.new_module.made", folder=str(target.relative_to(root)), name=name))
    return 0
