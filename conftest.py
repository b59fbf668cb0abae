"""Fixtures of the whole suite, and the rule about tests whose prerequisite is absent.

A test that cannot run says `not_run("what is missing")`. It is reported as `not run: what is missing`, counted in the
last line, and is a failure where TONGQU_STRICT=1 (as in the gate).
"""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("tongqu", deadline=None)  # no test asserts a time, compiling included
hypothesis.settings.load_profile("tongqu")

ROOT = Path(__file__).resolve().parent
STRICT = os.environ.get("TONGQU_STRICT") == "1"


class NotRunError(Exception):
    """The prerequisite of a test is absent."""


def not_run(reason: str) -> None:
    """Say that this test did not run, and why; a failure in a strict run."""
    if STRICT:
        raise NotRunError(f"not run: {reason}")
    pytest.skip(f"not run: {reason}")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real test data: TONGQU_TEST_DATA, else ../shared/data beside the checkout."""
    folder = Path(os.environ.get("TONGQU_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        not_run("real test data (set TONGQU_TEST_DATA)")
    return folder


@pytest.fixture(scope="session")
def absent():
    """The function a test calls when its prerequisite is absent."""
    return not_run


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--list-needs", default=None, help="Write all test ids and the domains they need as JSON here.")
    parser.addoption("--every-round", action="store_true", help="Look at pages in each language, theme and size.")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that look at pages do so in some rounds of size, language and theme; in all with `--every-round`."""
    if {"size", "lang", "theme"} <= set(metafunc.fixturenames):
        from looking import ROUNDS, ROUNDS_OF_THE_SUITE

        rounds = ROUNDS if metafunc.config.getoption("--every-round") else ROUNDS_OF_THE_SUITE
        metafunc.parametrize(("size", "lang", "theme"), rounds, ids=["-".join(one) for one in rounds])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests that need a domain whose folder is not there."""
    kept, left, needs = [], [], {}
    for item in items:
        needed = {name for mark in item.iter_markers("needs") for name in mark.args}
        needs[item.nodeid] = sorted(needed)
        missing = [name for name in needed if importlib.util.find_spec(f"tongqu.domains.{name}") is None]
        (left if missing else kept).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept
    if listing := config.getoption("--list-needs"):
        Path(listing).write_text(json.dumps({item.nodeid: needs[item.nodeid] for item in items}), encoding="utf-8")


def pytest_terminal_summary(terminalreporter) -> None:
    """Count the tests that did not run, by their reason."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{reason.removeprefix('Skipped: ')} ({count} tests)")
    if reasons:
        terminalreporter.write_line(f"not run: {sum(reasons.values())} tests in all")
