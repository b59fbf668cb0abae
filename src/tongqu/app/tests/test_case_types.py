"""Over the full matrix of every case type there is: a step leads on from where its type says, and from nowhere else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tongqu.app import registry
from tongqu.app.platform import open_platform, prepare
from tongqu.app.settings import read_settings
from tongqu.kernel import cases
from tongqu.kernel.cases import CaseType
from tongqu.kernel.cases import store as case_store
from tongqu.kernel.cases.module import check_types
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.errors import Refused, TongquError

SYSTEM = system_actor("matrix")
TYPES = cases.types_of(registry.modules())


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = open_platform(read_settings(tmp_path))
    prepare(made)
    yield made
    made.close()


def test_illegal_transitions_are_refused(platform: Platform) -> None:
    assert [wrong for type in TYPES.values() for wrong in wrongly_judged(platform, type)] == []


def wrongly_judged(platform: Platform, type: CaseType) -> list[str]:
    """Pairs of state and step that are refused and should not be, or the other way round."""
    legal = {(state, step.id) for step in type.steps for state in step.sources}
    wrong: list[str] = []
    with platform.store.write(SYSTEM) as work:
        case = cases.open_case(work, type, title="x", region="990101")
        for state, step in itertools.product(type.states, type.steps):
            case_store.change(work, case.id, {"state": state})
            try:
                cases.advance(work, type, case.id, step.id)
                code = "taken"
            except TongquError as error:
                code = error.code
            refused = code == "cases.not_from_here"
            if refused == ((state, step.id) in legal):
                wrong.append(f"{type.id}: {state} --{step.id}--> {step.target}: {code}")
    return wrong


def test_every_state_is_reached_and_every_one_but_the_final_ones_leads_on() -> None:
    for type in TYPES.values():
        reached, frontier = {type.initial}, [type.initial]
        while frontier:
            state = frontier.pop()
            fresh = {step.target for step in type.steps if state in step.sources} - reached
            reached |= fresh
            frontier += fresh
        assert reached == set(type.states), type.id
        leads_on = {state for step in type.steps for state in step.sources if step.target != state}
        assert leads_on == set(type.states) - set(type.final), type.id


def test_every_type_has_its_texts_and_permissions(platform: Platform) -> None:
    assert [finding.level for finding in check_types(platform)] == ["ok"]


def test_a_closed_case_takes_no_step(platform: Platform) -> None:
    for type in TYPES.values():
        with platform.store.write(SYSTEM) as work:
            case = cases.open_case(work, type, title="x", region="990101")
            for state, step in itertools.product(type.final, type.steps):
                case_store.change(work, case.id, {"state": state})
                with pytest.raises(Refused, match=r"cases\.not_from_here"):
                    cases.advance(work, type, case.id, step.id)
