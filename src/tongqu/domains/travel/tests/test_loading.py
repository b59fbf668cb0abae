"""A feed that is loaded goes live by itself only without errors; the report says when it does not."""

from __future__ import annotations

import pytest

from tongqu.domains.travel import loaders
from tongqu.domains.travel.tests.conftest import SMALL, zipped


@pytest.mark.parametrize(("colour", "errors"), [("00AA55", 0), ("green", 1)])
def test_a_version_with_errors_is_kept_and_said_not_to_be_live(context, tmp_path, colour, errors):
    head, row = SMALL["routes.txt"].splitlines()
    coloured = SMALL | {"routes.txt": f"{head},route_color\n{row},{colour}\n"}
    file = tmp_path / "wangting.zip"
    file.write_bytes(zipped(coloured))
    report = loaders.load(context, file, {"region": "9902"})
    assert report["state"] == ("checked" if errors else "active")
    assert [(one.code, one.params["errors"]) for one in report["problems"]] == (
        [("travel.kept_not_live", errors)] if errors else []
    )
