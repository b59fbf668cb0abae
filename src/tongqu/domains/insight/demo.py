"""The operations centres of the demo province: an officer a city whose shift is over, and who waits to be relieved."""

from __future__ import annotations

from typing import Any

from tongqu.domains.insight.cases import SHIFT
from tongqu.kernel import cases, identity
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Store, system_actor
from tongqu.kit.text import text
from tongqu.kit.time import HOUR_MS, MINUTE_MS, ManualClock

ACTOR = system_actor("demo")
SHIFT_MS = 9 * HOUR_MS
ROLE = "duty_officer"
FIRST = 10
"""Officers of the demo count on from here: those who can sign in have the numbers below."""


def fill(platform: Platform, world: Any) -> None:
    """One officer a city, without a name and without a password, whose shift waits for the next one's signature."""
    with platform.store.read(ACTOR) as work:
        cities = sorted(one.code for one in identity.regions(work) if one.level == "city")
    for number, city in enumerate(cities, start=1):
        with platform.store.write(ACTOR) as work:
            officer = identity.add_person(
                work,
                login=f"officer-{FIRST + number:02d}",
                name=text("insight.demo.officer", number=FIRST + number)["zh"],
                region=city,
            )
            identity.grant(work, officer.id, ROLE, region=city)
        _earlier(platform, officer.id, city)


def _earlier(platform: Platform, officer: str, city: str) -> None:
    """A shift with its log, told at the times it happened."""
    clock = ManualClock(platform.clock.now_ms() - SHIFT_MS)
    past = Store(platform.settings.database, clock)
    try:
        with past.read(ACTOR) as work:
            actor = identity.actor_of(work, officer)
        with past.write(actor) as work:
            made = cases.open_case(work, SHIFT, title=text("insight.shift_title")["zh"], region=city)
            cases.advance(work, SHIFT, made.id, "begin")
        for minutes, step, data in (
            (190, "note", {"note": text("insight.demo.note_first")["zh"]}),
            (310, "note", {"note": text("insight.demo.note_second")["zh"]}),
            (30, "hand_over", {"summary": text("insight.demo.summary")["zh"]}),
        ):
            clock.advance(minutes * MINUTE_MS)
            with past.write(actor) as work:
                cases.advance(work, SHIFT, made.id, step, data=data)
    finally:
        past.close()
