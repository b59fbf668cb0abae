"""A fourteenth domain: made in a copy of the tree, without an edit to any other file, and all of it holds there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tongqu.app.develop import new_module

ROOT = Path(__file__).resolve().parents[2]
CHECK = """
from pathlib import Path
from tongqu.app import doctor, registry
from tongqu.app.develop import scope_lint
from tongqu.app.http import create_app
from tongqu.app.platform import open_platform, prepare
from tongqu.app.settings import read_settings
import tongqu, sys, tempfile
assert Path(tongqu.__file__).is_relative_to(sys.argv[1]), tongqu.__file__
platform = open_platform(read_settings(Path(tempfile.mkdtemp())))
module = platform.module("tolling")
assert module and module.rules and module.layers and module.indicators and module.resources
assert "tolling" in prepare(platform)
wrong = [f for f in doctor._modules(platform) if f.level != "ok" and "tolling" in str(f.params)]
wrong += [f for m in platform.modules if m.id in ("indicators", "rules") for check in m.checks for f in check(platform)
          if f.level == "error" and "tolling" in str(f.params)]
assert not wrong, [doctor.said(f) for f in wrong]
assert not scope_lint.examine(Path(sys.argv[1]) / "src" / "tongqu")
assert any("/tolling/sites" in str(path) for path in create_app(platform).openapi()["paths"])
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A copy of the sources with the new domain in it; nothing else is written there."""
    copy = tmp_path_factory.mktemp("fourteenth") / "tongqu"
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "page"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copyfile(ROOT / name, copy / name)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    assert new_module.make(copy, "tolling", "收费运营", "production") == 0
    assert {path: path.read_bytes() for path in before} == before
    return copy


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=tree, env=env, capture_output=True, text=True, check=False, timeout=300
    )


def test_its_manifest_holds_and_its_parts_are_found(tree: Path) -> None:
    done = run(tree, "-c", CHECK, str(tree))
    assert done.returncode == 0, done.stderr[-2000:]


def test_its_own_tests_pass(tree: Path) -> None:
    done = run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "src/tongqu/domains/tolling")
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout[-3000:]


def test_it_keeps_the_style_and_the_import_rules(tree: Path) -> None:
    folder = "src/tongqu/domains/tolling"
    for command in (("-m", "ruff", "check", folder), ("-m", "ruff", "format", "--check", folder)):
        done = run(tree, *command)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-500:]
    linter = Path(sys.executable).with_name("lint-imports")
    env = os.environ | {"PYTHONPATH": str(tree / "src")}
    done = subprocess.run([linter, "--no-cache"], cwd=tree, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize(
    "arguments", [("Tolling",), ("",), ("../x",), ("tolling", "x", "platform"), ("tolling", "x", "no")]
)
def test_a_name_or_field_that_makes_no_sense_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert new_module.make(tmp_path, *arguments) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_refused(tree: Path) -> None:
    assert new_module.make(tree, "tolling") == new_module.make(tree, "alarms") == 2
