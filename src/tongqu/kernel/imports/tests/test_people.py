"""People come in by spreadsheet, within what the importing person may give."""

from __future__ import annotations

from typing import Any

import pytest

from tongqu.kernel import identity
from tongqu.kernel.identity.module import prepare_roles
from tongqu.kernel.imports.people import PEOPLE
from tongqu.kernel.imports.rows import Bound
from tongqu.kernel.imports.tests.support import outcomes, take_in
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Actor, system_actor

BOUND = Bound("imports", PEOPLE)
HEAD = "登录名,姓名,所属单位,区域代码,角色,手机号,电子邮箱\n"
ROOT = system_actor("test")


@pytest.fixture
def chief(platform: Platform) -> Actor:
    """An administrator of 9902, with two organisations there and one elsewhere."""
    prepare_roles(platform)
    with platform.store.write(ROOT) as work:
        for name, region in (("望汀运输", "9902"), ("望汀公交", "9902"), ("澜州客运", "9901")):
            identity.add_organisation(work, name, region=region)
        person = identity.add_person(work, login="chief", name="值班员01", region="9902")
        identity.grant(work, person.id, "administrator", region="9902")
        return identity.actor_of(work, person.id)


def people(platform: Platform, actor: Actor, *rows: str) -> dict[str, Any]:
    return take_in(platform, (HEAD + "\n".join(rows)).encode("gb18030"), actor, BOUND)


def found(platform: Platform, login: str) -> tuple[Any, list[Any]]:
    with platform.store.read(ROOT) as work:
        person = identity.find_person(work, login)
        return person, identity.grants_of(work, person.id) if person else []


def test_people_come_with_organisation_and_role(platform: Platform, chief: Actor) -> None:
    rows = ("Zhiban02,值班员02,望汀运输,,动态监控员,10000000002,a@b.cn", "zhiban03,值班员03,,990200,duty_officer,,")
    assert outcomes(people(platform, chief, *rows)) == [(2, "created", []), (3, "created", [])]
    person, grants = found(platform, "zhiban02")
    assert (person.name, person.region, person.phone, person.email) == ("值班员02", "9902", "10000000002", "a@b.cn")
    assert [(grant.role, grant.organisation, grant.region) for grant in grants] == [
        ("monitor", person.organisation, None)
    ]
    _, grants = found(platform, "zhiban03")
    assert [(grant.role, grant.region) for grant in grants] == [("duty_officer", "9902")]


def test_again_changes_nothing_and_a_change_is_an_update(platform: Platform, chief: Actor) -> None:
    row = "zhiban02,值班员02,望汀运输,,动态监控员,,"
    people(platform, chief, row)
    assert outcomes(people(platform, chief, row)) == [(2, "unchanged", [])]
    assert outcomes(people(platform, chief, row.replace("值班员02", "值班员20"))) == [(2, "updated", [])]
    assert outcomes(people(platform, chief, row.replace("望汀运输", "望汀公交")))[0][1] == "updated"
    assert len(found(platform, "zhiban02")[1]) == 2


def test_what_the_importing_person_may_not_do_is_refused_and_undone(platform: Platform, chief: Actor) -> None:
    result = people(
        platform,
        chief,
        "zhiban04,值班员04,澜州客运,,,,",
        "zhiban05,值班员05,,9901,,,",
        "zhiban06,值班员06,没有这家,,,,",
        "zhiban07,值班员07,望汀运输,,皇帝,,",
        "zhiban08,值班员08,,,动态监控员,,",
        "!,值班员09,,9902,,12,x",
    )
    assert outcomes(result) == [
        (2, "refused", ["unknown_organisation"]),
        (3, "refused", ["identity.not_here"]),
        (4, "refused", ["unknown_organisation"]),
        (5, "refused", ["unknown_role"]),
        (6, "refused", ["identity.not_here"]),
        (7, "refused", ["bad_phone", "bad_email"]),
    ]
    assert found(platform, "zhiban07")[0] is None, "and what the row had done before is undone"


def test_personal_data_stands_in_no_report(platform: Platform, chief: Actor) -> None:
    result = people(platform, chief, "zhiban10,值班员10,,9902,,9876,secret-address")
    assert "9876" not in str(result["rows"])
    assert "secret-address" not in str(result["rows"])
