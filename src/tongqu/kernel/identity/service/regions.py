"""The region tree: codes as in GB/T 2260 with effective dates, special areas, renamed and merged regions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tongqu.kernel import audit
from tongqu.kernel.identity.service.organisations import region_code
from tongqu.kernel.identity.service.rights import require
from tongqu.kernel.identity.store import regions as store
from tongqu.kernel.identity.values import Region
from tongqu.kernel.store import Work
from tongqu.kit.errors import NotFound, Refused
from tongqu.kit.ids import urn as urn_of

EDIT = "identity.regions"


def add_regions(work: Work, regions: Iterable[Region]) -> None:
    """New regions, parents first.

    Raises:
        Forbidden: `identity.not_here`.
        Invalid: `identity.bad_region`.
        Refused: `identity.region_overlap`: the code already means something in that time.
    """
    wanted = list(regions)
    for one in wanted:
        require(work, EDIT, None, region_code(one.code))
        if any(_overlap(old, one) for old in store.meanings(work, one.code)):
            raise Refused("identity.region_overlap", region=one.code)
    if wanted:
        store.add(work, wanted)
        subjects = [urn_of("region", one.code) for one in wanted]
        audit.record_many(work, "identity.add_region", subjects, region=min(one.code for one in wanted))


def add_region(work: Work, one: Region) -> None:
    """As `add_regions`, for one."""
    add_regions(work, [one])


def rename_region(work: Work, code: str, name: str, name_en: str, at_ms: int) -> Region:
    """The same code under another name from an instant on.

    Raises:
        Forbidden: `identity.not_here`.
        NotFound: `identity.unknown_region`.
        Refused: `identity.region_ends_early`: it has only just begun.
    """
    old = _lasting(work, code, at_ms)
    store.end(work, old, at_ms, old.code)
    new = replace(old, name=name, name_en=name_en, valid_from_ms=at_ms, valid_to_ms=None, successor=None)
    store.add(work, [new])
    audit.record(work, "identity.rename_region", urn_of("region", code), region=code, was=old.name, name=name)
    return new


def replace_region(work: Work, code: str, successor: str, at_ms: int) -> None:
    """A region ends at an instant and another one (that is valid then) takes over: a merger, or a new code.

    Raises:
        Forbidden: `identity.not_here`.
        NotFound: `identity.unknown_region`.
        Refused: `identity.region_ends_early`.
    """
    old, new = _lasting(work, code, at_ms), region(work, successor, at_ms)
    require(work, EDIT, None, new.code)
    store.end(work, old, at_ms, new.code)
    audit.record(work, "identity.replace_region", urn_of("region", code), region=code, successor=new.code)


def region(work: Work, code: str, at_ms: int | None = None) -> Region:
    """What a code means at an instant (now if None).

    Raises:
        NotFound: `identity.unknown_region`.
    """
    found = store.valid_at(work, work.now_ms if at_ms is None else at_ms, region_code(code))
    if not found:
        raise NotFound("identity.unknown_region", field="region", region=code)
    return found[0]


def current_region(work: Work, code: str, at_ms: int | None = None) -> Region:
    """The region that stands at an instant for what a code has ever meant: successors are followed.

    Raises:
        NotFound: `identity.unknown_region`: the code was never known, or ended without a successor.
    """
    instant = work.now_ms if at_ms is None else at_ms
    seen: set[str] = set()
    wanted: str | None = region_code(code)
    while wanted is not None and wanted not in seen:
        seen.add(wanted)
        meanings = [one for one in store.meanings(work, wanted) if one.valid_from_ms <= instant]
        if not meanings:
            break
        if meanings[-1].valid_at(instant):
            return meanings[-1]
        wanted = meanings[-1].successor
    raise NotFound("identity.unknown_region", field="region", region=code)


def regions(work: Work, at_ms: int | None = None) -> list[Region]:
    """All regions that are valid at an instant (now if None), by code: parents before their children."""
    return store.valid_at(work, work.now_ms if at_ms is None else at_ms)


def meanings(work: Work, code: str) -> list[Region]:
    """All a code has meant, oldest first."""
    return store.meanings(work, region_code(code))


def _lasting(work: Work, code: str, at_ms: int) -> Region:
    """A region the actor may edit and that began before an instant, so that it can end then."""
    old = region(work, code, at_ms)
    require(work, EDIT, None, old.code)
    if at_ms <= old.valid_from_ms:
        raise Refused("identity.region_ends_early", field="at_ms")
    return old


def _overlap(one: Region, other: Region) -> bool:
    before = one.valid_to_ms is not None and one.valid_to_ms <= other.valid_from_ms
    after = other.valid_to_ms is not None and other.valid_to_ms <= one.valid_from_ms
    return not (before or after)
