"""The tables as declared are the tables as migrated."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tongqu.kernel.jobs.tables import METADATA
from tongqu.kernel.jobs.version import git_revision
from tongqu.kernel.platform import Platform


def test_migrations_make_the_declared_tables(platform: Platform) -> None:
    with platform.store.engine.connect() as connection:
        options = {"version_table": "jobs_version", "compare_type": True}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)
    assert differences == []


def test_the_revision_of_a_checkout_is_read_without_git(tmp_path) -> None:
    code = tmp_path / "src" / "tongqu" / "__init__.py"
    code.parent.mkdir(parents=True)
    assert git_revision(code) is None
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "packed-refs").write_text("# pack-refs\n" + "a" * 40 + " refs/heads/main\n")
    assert git_revision(code) == "a" * 40
    (git / "refs" / "heads" / "main").write_text("b" * 40 + "\n")
    assert git_revision(code) == "b" * 40, "a loose reference is newer than a packed one"
    (git / "HEAD").write_text("c" * 40 + "\n")
    assert git_revision(code) == "c" * 40
