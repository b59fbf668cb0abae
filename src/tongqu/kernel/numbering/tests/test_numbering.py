"""Numbers are unique and without gaps, also when units of work fail and when many write at once."""

from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tongqu.kernel.module import Module
from tongqu.kernel.numbering import Series, take
from tongqu.kernel.numbering.module import MODULE, check_gaps
from tongqu.kernel.numbering.tables import METADATA, NUMBER
from tongqu.kernel.store import system_actor
from tongqu.kit.time import parse_iso

CASES = Series("desk.cases", "{region}督〔{year}〕{number}号")
DAILY = Series("desk.daily", "{organisation}{year}{month:02d}{day:02d}-{number:03d}", period="day")
DESK = Module(id="desk", package="tongqu.kernel.numbering", field="platform", numbers=(CASES, DAILY))
ME = system_actor("test")


def give(platform, series=CASES, owner="9901", **shown: str) -> str:
    with platform.store.write(ME) as work:
        return take(work, series, subject="urn:tongqu:case:1", owner=owner, **(shown or {"region": owner}))


def test_numbers_run_on_per_owner_and_begin_again_at_midnight_of_the_new_year(make_platform, clock) -> None:
    platform = make_platform(MODULE, DESK)
    clock.at_ms = parse_iso("2026-12-31T23:59:59.999+08:00")
    assert [give(platform) for _ in range(3)] == ["9901督〔2026〕1号", "9901督〔2026〕2号", "9901督〔2026〕3号"]
    assert give(platform, owner="9902") == "9902督〔2026〕1号"
    clock.advance(1)
    assert give(platform) == "9901督〔2027〕1号"
    assert give(platform, DAILY, "o1", organisation="LZ") == "LZ20270101-001"


def test_a_unit_of_work_that_fails_leaves_no_hole(make_platform) -> None:
    platform = make_platform(MODULE, DESK)
    first = give(platform)
    with pytest.raises(RuntimeError), platform.store.write(ME) as work:
        take(work, CASES, subject="urn:tongqu:case:2", owner="9901", region="9901")
        raise RuntimeError
    assert (first[-2:], give(platform)[-2:]) == ("1号", "2号")
    assert check_gaps(platform)[0].code == "numbering.whole"


def test_many_writers_never_get_the_same_number(make_platform) -> None:
    platform = make_platform(MODULE, DESK)
    given: list[str] = []
    threads = [threading.Thread(target=lambda: given.extend(give(platform) for _ in range(10))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(text.split("〕")[1][:-1]) for text in given) == list(range(1, 61))


def test_the_doctor_sees_a_number_that_was_taken_out(make_platform) -> None:
    platform = make_platform(MODULE, DESK)
    for _ in range(3):
        give(platform)
    with platform.store.write(ME) as work:
        work.execute(NUMBER.delete().where(NUMBER.c.number == 2))
    (found,) = check_gaps(platform)
    assert found.code == "numbering.gap" and (found.params["given"], found.params["last"]) == (2, 3)


def test_a_pattern_that_does_not_tell_owners_apart_is_refused(make_platform) -> None:
    platform = make_platform(MODULE, DESK)
    give(platform, region="x")
    with pytest.raises(Exception, match=r"(?i)unique"):
        give(platform, owner="9902", region="x")


def test_whom_a_pattern_prints_counts() -> None:
    shown = {"organisation": "o1", "region": "9901"}
    assert DAILY.owner_of(**shown) == "o1"
    assert CASES.owner_of(**shown) == "9901"
    assert Series("desk.both", "{organisation:>4}{region}{number}").owner_of(**shown) == "o1"
    assert Series("desk.plain", "{year}-{number}").owner_of(**shown) == ""


def test_tables_are_those_of_the_migrations(make_platform) -> None:
    platform = make_platform(MODULE)
    with platform.store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in METADATA.tables}
        )
        assert compare_metadata(context, METADATA) == []
