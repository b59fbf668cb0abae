"""A case goes only where its type lets it, by whom it lets, and what was done is never rewritten."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from tongqu.kernel import cases, documents
from tongqu.kernel.audit.tables import ENTRY as AUDIT_ENTRY
from tongqu.kernel.cases import CaseType, Limit, Step, store
from tongqu.kernel.cases.service import blocked, proof_of
from tongqu.kernel.cases.tables import METADATA
from tongqu.kernel.cases.tests.conftest import CITY, DEFECT, EDITOR, OTHER, PROVINCE, READER, STRANGER, person
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work, system_actor
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused, Stale
from tongqu.kit.time import DAY_MS, HOUR_MS, ManualClock

SYSTEM = system_actor("test")


def found(platform: Platform, **more: Any) -> str:
    with platform.store.write(SYSTEM) as work:
        return cases.open_case(work, DEFECT, title="坑槽", region="990101", **more).id


def take(platform: Platform, case: str, step: str, actor=EDITOR, **data: Any) -> cases.Case:
    with platform.store.write(actor) as work:
        return cases.advance(work, DEFECT, case, step, data=data)


def document(platform: Platform, actor=EDITOR) -> str:
    content = documents.vault(platform).keep(b"photo")
    with platform.store.write(actor) as work:
        return documents.put(work, content, name="a.jpg", media_type="image/jpeg").id


def to_state(platform: Platform, work: Work, state: str) -> str:
    """A case put into a state as a damaged or older store might hold it."""
    case = cases.open_case(work, DEFECT, title="x", region="990101")
    store.change(work, case.id, {"state": state})
    return case.id


def test_the_way_of_a_case_with_two_persons_and_a_document(platform: Platform, clock: ManualClock) -> None:
    case = found(platform, lon=110.0, lat=30.0, place="X101 K3+200")
    planned = take(platform, case, "plan", engineer=EDITOR.id, note="三日内修补")
    assert (planned.state, planned.handler, planned.version) == ("planned", EDITOR.id, 2)
    with pytest.raises(Refused, match=r"cases\.documents_missing"):
        take(platform, case, "repair")
    with pytest.raises(Refused, match=r"desk\.overloaded"):
        take(platform, case, "repair", photo=document(platform), load_kg=49_001)
    clock.advance(HOUR_MS)
    take(platform, case, "repair", photo=document(platform))
    with pytest.raises(Refused, match=r"cases\.second_person"):
        take(platform, case, "accept")
    take(platform, case, "accept", OTHER)
    closed = take(platform, case, "serve", served_ms=clock.at_ms)
    assert closed.state == "closed" and closed.closed_ms == clock.at_ms
    with platform.store.read(READER) as work:
        lines = cases.history(work, cases.get(work, DEFECT, case))
    assert [(one.kind, one.name) for one in lines] == [
        ("step", "open"),
        ("step", "plan"),
        ("document", "photo"),
        ("step", "repair"),
        ("step", "accept"),
        ("step", "serve"),
    ]
    assert lines[0].place == "X101 K3+200" and lines[1].data == {"engineer": EDITOR.id, "note": "三日内修补"}


def test_every_step_from_every_state_either_leads_on_or_is_refused(platform: Platform) -> None:
    """The full matrix of the type above, against its own table of what leads where."""
    legal = {(state, step.id) for step in DEFECT.steps for state in step.sources}
    actor = person("p-all", "desk.read", "desk.edit", "desk.accept")
    taken = refused = 0
    for state, step in itertools.product(DEFECT.states, [one.id for one in DEFECT.steps]):
        with platform.store.write(SYSTEM) as work:
            case = to_state(platform, work, state)
        photo = {"photo": document(platform, actor)} if step == "repair" else {}
        time = {"served_ms": platform.clock.now_ms()} if step == "serve" else {}
        note = {"note": "x"} if step == "drop" else {}
        try:
            take(platform, case, step, actor, **photo, **time, **note)
            taken += 1
            assert (state, step) in legal
        except Refused as error:
            refused += 1
            assert error.code == ("cases.second_person" if (state, step) in legal else "cases.not_from_here")
            with platform.store.read(SYSTEM) as work:
                untouched = cases.get(work, DEFECT, case)
                assert (untouched.state, untouched.version) == (state, 1)
                assert len(cases.history(work, untouched)) == 1
    assert taken == len(legal) - 1 and taken + refused == len(DEFECT.states) * len(DEFECT.steps)


def test_only_who_may_where_the_case_is(platform: Platform) -> None:
    case = found(platform)
    with pytest.raises(Forbidden, match=r"web\.no_permission"):
        take(platform, case, "plan", READER)
    with pytest.raises(NotFound, match=r"cases\.unknown"):
        take(platform, case, "plan", STRANGER)
    with platform.store.read(STRANGER) as work:
        assert store.listed(work, [DEFECT], _query(), is_open=None, region=None).items == []
        assert store.changed_since(work, [DEFECT], 0, 10) == []
    with platform.store.read(READER) as work:
        assert len(store.listed(work, [DEFECT], _query(), is_open=True, region="9901").items) == 1


def _query():
    from tongqu.kernel.store import Query

    return Query()


def test_a_person_cannot_be_made_handler_unless_the_actor_sees_them(platform: Platform) -> None:
    case = found(platform)
    with pytest.raises(Invalid, match=r"cases\.bad_form") as error:
        take(platform, case, "plan", engineer="p-nobody")
    assert [(one.code, one.field) for one in error.value.problems] == [("cases.no_person", "engineer")]


@pytest.mark.parametrize(
    "step, data, code",
    [
        ("plan", {"colour": "red"}, "cases.unknown_field"),
        ("plan", {"note": 3}, "cases.not_text"),
        ("plan", {"note": "x" * 20_001}, "cases.too_long"),
        ("drop", {"note": "   "}, "cases.field_missing"),
        ("drop", {}, "cases.field_missing"),
    ],
)
def test_a_form_says_what_is_wrong_with_each_field(platform: Platform, step: str, data: dict, code: str) -> None:
    case = found(platform)
    with pytest.raises(Invalid, match=r"cases\.bad_form") as error:
        take(platform, case, step, **data)
    assert code in [one.code for one in error.value.problems]


@pytest.mark.parametrize("value", [True, "5", float("nan"), float("inf")])
def test_a_number_is_a_number(platform: Platform, value: Any) -> None:
    case = found(platform)
    take(platform, case, "plan")
    with pytest.raises(Invalid) as error:
        take(platform, case, "repair", load_kg=value, photo=document(platform))
    assert error.value.problems[0].code == "cases.not_number"


def test_a_step_takes_effect_neither_in_the_future_nor_before_the_last_one(
    platform: Platform, clock: ManualClock
) -> None:
    with platform.store.write(SYSTEM) as work:
        case = to_state(platform, work, "accepted")
    begun = clock.at_ms
    clock.advance(DAY_MS)
    with pytest.raises(Invalid, match=r"cases\.in_future"):
        take(platform, case, "serve", served_ms=clock.at_ms + 1)
    with pytest.raises(Invalid, match=r"cases\.before_last"):
        take(platform, case, "serve", served_ms=begun - 1)
    assert take(platform, case, "serve", served_ms=begun + HOUR_MS).closed_ms == begun + HOUR_MS


def test_who_read_an_older_state_is_told(platform: Platform) -> None:
    case = found(platform)
    take(platform, case, "note", note="先看")
    with pytest.raises(Stale), platform.store.write(OTHER) as work:
        cases.advance(work, DEFECT, case, "plan", version=1)


def test_opening_again_with_the_same_key_is_the_same_case_and_uses_no_number(platform: Platform) -> None:
    first = found(platform, key="alarm:17")
    assert found(platform, key="alarm:17") == first
    second = found(platform, key="alarm:18")
    with platform.store.read(SYSTEM) as work:
        numbers = [cases.get(work, DEFECT, case).number for case in (first, second)]
    assert numbers == ["990101病害〔2026〕1号", "990101病害〔2026〕2号"]


def test_organisations_whom_the_number_does_not_tell_apart_count_together(platform: Platform) -> None:
    """Two carriers of one city: were each counted for itself, the second's number would be the first's again."""
    with platform.store.write(SYSTEM) as work:
        opened = [
            cases.open_case(work, DEFECT, title="x", organisation=carrier, region="990101") for carrier in ("o1", "o2")
        ]
    assert [case.number for case in opened] == ["990101病害〔2026〕1号", "990101病害〔2026〕2号"]


def test_each_entry_has_its_proof_in_the_audit_log(platform: Platform) -> None:
    case = found(platform)
    take(platform, case, "note", note="裂缝 3 cm")
    with platform.store.read(SYSTEM) as work:
        lines = cases.history(work, cases.get(work, DEFECT, case))
        logged = [row["details"] for row in work.rows(select(AUDIT_ENTRY).where(AUDIT_ENTRY.c.verb == "cases.step"))]
    for line in lines:
        assert proof_of(asdict(line)) == line.proof
        assert any(line.proof in details for details in logged)
    forged = asdict(lines[1]) | {"data": {"note": "裂缝 5 cm"}}
    assert proof_of(forged) != lines[1].proof


def test_the_page_is_told_beforehand_why_a_step_is_closed(platform: Platform) -> None:
    case = found(platform)
    take(platform, case, "plan")
    take(platform, case, "repair", photo=document(platform))
    with platform.store.read(EDITOR) as work:
        standing = cases.get(work, DEFECT, case)
        accept = DEFECT.step("accept")
        reasons = blocked(DEFECT, accept, standing, cases.history(work, standing), set(), EDITOR)
        assert [one["code"] for one in reasons] == ["cases.second_person"]
        assert not blocked(DEFECT, accept, standing, cases.history(work, standing), set(), OTHER)


def test_supervision_is_for_whoever_holds_the_whole_level(platform: Platform, clock: ManualClock) -> None:
    case = found(platform)
    deadline = clock.at_ms + DAY_MS

    def order(actor, level: str) -> str:
        with platform.store.write(actor) as work:
            return cases.supervise(work, DEFECT, case, level, deadline, "限期整改")

    made = order(CITY, "city")
    order(CITY, "county")
    with pytest.raises(Forbidden, match=r"cases\.not_superior"):
        order(CITY, "province")
    order(PROVINCE, "province")
    with pytest.raises(Forbidden):
        order(PROVINCE, "ministry")
    with pytest.raises(NotFound):
        order(STRANGER, "city")
    with (
        pytest.raises(Forbidden),
        platform.store.write(person("p-county", "desk.read", "cases.supervise", region="990101")) as work,
    ):
        cases.lift(work, DEFECT, case, made, "已整改")
    with platform.store.write(CITY) as work:
        cases.lift(work, DEFECT, case, made, "已整改")
    with pytest.raises(Refused, match=r"cases\.lifted"), platform.store.write(CITY) as work:
        cases.lift(work, DEFECT, case, made, "已整改")
    take(platform, case, "drop", note="重复")
    with pytest.raises(Refused, match=r"cases\.not_supervised"):
        order(CITY, "city")


@pytest.mark.parametrize(
    "wrong",
    [
        {"final": ("open", "gone")},
        {"steps": (Step("go", ("open",), "nowhere", "x.y"),)},
        {"steps": (Step("go", ("done",), "open", "x.y"),)},
        {"steps": (Step("go", ("open",), "done", "x.y"), Step("go", ("open",), "done", "x.y"))},
        {"steps": (Step("open", ("open",), "done", "x.y"),)},
        {"steps": (Step("go", ("open",), "done", "x.y", second="stop"),)},
        {"limits": (Limit("late", ("open",), ("stop",), 1),)},
    ],
)
def test_a_type_that_leads_nowhere_is_refused(wrong: dict[str, Any]) -> None:
    right = {"states": ("open", "done"), "final": ("done",), "steps": (Step("go", ("open",), "done", "x.y"),)}
    CaseType(id="x.y", read="x.read", **right)
    with pytest.raises(ValueError, match="case type"):
        CaseType(id="x.y", read="x.read", **right | wrong)


@pytest.mark.parametrize(
    "wrong", [{"required": ("a",)}, {"assigns": "a"}, {"occurs": "a"}, {"fields": {"a": "colour"}}]
)
def test_a_step_whose_form_does_not_hold_together_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="step go"):
        Step("go", ("open",), "done", "x.y", **wrong)


def test_tables_are_those_of_the_migrations(platform: Platform) -> None:
    with platform.store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in METADATA.tables}
        )
        assert compare_metadata(context, METADATA) == []
