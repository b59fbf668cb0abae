"""Journey: enterprises, vehicles and drivers come in by .xlsx and CSV, through the routes and a worker."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from tongqu.domains.fleets.importers import DRIVERS, ENTERPRISES, VEHICLES
from tongqu.domains.fleets.tests.conftest import ALL, CITY, OTHER
from tongqu.kernel.imports.rows import Bound
from tongqu.kernel.imports.tests.support import outcomes, take_in, upload, xlsx
from tongqu.kernel.jobs.tests.support import application, as_person, run_until, working

CARRIERS, CARS, PEOPLE = (Bound("fleets", one) for one in (ENTERPRISES, VEHICLES, DRIVERS))
FIRM = "企业名称,类别,所属区域,经营许可证号\n望汀港城物流,重型载货,9902,L1\n"
HEAD = "车牌号,车牌颜色,类别,所属企业,核定载质量\n"


def cars(platform: Any, *rows: str, actor: Any = CITY, **options: Any) -> dict[str, Any]:
    return take_in(platform, (HEAD + "\n".join(rows)).encode("gb18030"), actor, CARS, **options)


@pytest.fixture
def firm(platform: Any) -> None:
    assert take_in(platform, FIRM.encode(), CITY, CARRIERS)["counts"] == {"created": 1}


def test_a_file_twice_changes_nothing_and_a_change_is_an_update(platform: Any, firm: None) -> None:
    assert take_in(platform, FIRM.encode(), CITY, CARRIERS)["counts"] == {"unchanged": 1}
    rows = ("澜A·12345,黄色,重型载货,望汀港城物流,31000", "澜AD12345,绿色,taxi,L1,", "澜A1234挂,yellow,heavy_truck,,")
    first = cars(platform, *rows)
    assert outcomes(first) == [(2, "created", []), (3, "created", []), (4, "refused", ["fleets.region_needed"])]
    assert [row["key"] for row in first["rows"]] == ["澜A·12345", "澜A·D12345", None]
    assert cars(platform, *rows[:2])["counts"] == {"unchanged": 2}
    assert cars(platform, "澜A12345,黄色,重型载货,,")["counts"] == {"unchanged": 1}, "empty cells leave what is there"
    assert cars(platform, "澜A12345,黄色,危险货物运输,,30000")["counts"] == {"updated": 1}


def test_what_is_wrong_is_named_and_the_rest_lives(platform: Any, firm: None) -> None:
    cars(platform, "澜A00001,黄色,taxi,L1,")
    result = cars(
        platform,
        "XX12345,黄色,taxi,L1,",
        "澜A12345,绿色,taxi,L1,",
        "澜A12346,黄色,飞船,L1,",
        "澜A12347,黄色,taxi,没有这家,",
        "澜A12348,黄色,taxi,L1,3吨",
        "澜A12349,黄色,taxi,L1,",
        "澜A·12349,黄色,taxi,L1,5",
    )
    assert outcomes(result) == [
        (2, "refused", ["fleets.bad_plate"]),
        (3, "refused", ["fleets.bad_colour"]),
        (4, "refused", ["not_option"]),
        (5, "refused", ["fleets.no_such_enterprise"]),
        (6, "refused", ["not_number"]),
        (7, "created", []),
        (8, "updated", []),
    ]
    elsewhere = cars(platform, "澜A00001,黄色,taxi,,", actor=OTHER)
    assert outcomes(elsewhere) == [(2, "refused", ["fleets.plate_taken"])], "another city's vehicle is not taken over"


def test_a_trial_sees_the_earlier_rows_of_its_own_file(platform: Any, firm: None) -> None:
    rows = ("澜A00001,黄色,taxi,L1,", "澜A00001,黄色,taxi,L1,", "澜A00002,黄色,taxi,L1,")
    result = cars(platform, *rows, dry_run=True)
    assert [outcome for _, outcome, _ in outcomes(result)] == ["created", "unchanged", "created"]
    assert cars(platform, *rows)["counts"] == {"created": 2, "unchanged": 1}


def test_phones_and_licences_that_a_spreadsheet_has_spoilt(platform: Any, firm: None) -> None:
    book = xlsx(
        ("姓名", "驾驶证号", "电话", "所属企业"),
        ("驾驶员0001", "990201000000000001", "10000000001", "L1"),
        ("驾驶员0002", 990201000000000002, "10000000002", "L1"),
        ("驾驶员0003", "990201000000000003", "1.38E+10", "L1"),
        ("驾驶员0004", "990201000000000004", 10000000004, "L1"),
    )
    result = take_in(platform, book, CITY, PEOPLE)
    assert outcomes(result) == [
        (2, "created", []),
        (3, "refused", ["digits_lost"]),
        (4, "refused", ["scientific"]),
        (5, "created", ["number_as_text"]),
    ]
    assert result["rows"][0]["key"] == "驾驶员0001 990***********0001"
    for number in ("990201000000000001", "10000000004"):
        assert number not in str(result["rows"]), "the report shows no number in full"


def test_merged_cells_are_refused_by_name(platform: Any, firm: None) -> None:
    def merge(book: Workbook) -> None:
        book.active.merge_cells("D2:D3")

    head = HEAD.strip().split(",")
    rows = (
        ["澜A00001", "黄色", "taxi", "L1", None],
        ["澜A00002", "黄色", "taxi", None, None],
        ["澜A00003", "黄色", "taxi", "L1"],
    )
    result = take_in(platform, xlsx(head, *rows, change=merge), CITY, CARS)
    assert outcomes(result) == [(2, "refused", ["merged"]), (3, "refused", ["merged"]), (4, "created", [])]
    assert "D2:D3" in result["rows"][0]["problems"][0]["detail"]["zh"]


def test_the_journey_through_routes_and_worker(platform: Any) -> None:
    client = as_person(application(platform, *ALL), CITY)
    with working(platform) as worker:

        def bring(importer: str, row: dict[str, str]) -> dict[str, Any]:
            template = load_workbook(io.BytesIO(client.get(f"imports/{importer}/template.xlsx").content))
            sheet = template.worksheets[0]
            names = [cell.value for cell in sheet[1]]
            assert row.keys() <= set(names)
            sheet.append([row.get(name) for name in names])
            out = io.BytesIO()
            template.save(out)
            job = upload(client, importer, out.getvalue()).json()["job"]
            run_until(worker, lambda: client.get(f"jobs/{job}").json()["state"] not in ("queued", "running"))
            done = client.get(f"jobs/{job}").json()
            assert done["state"] == "done", done["error"]
            return client.get(f"imports/runs/{job}").json()["counts"]

        one_and_the_example = {"created": 1, "refused": 1}
        firm = {"企业名称": "望汀公交", "类别": "城市公交", "所属区域": "9902"}
        assert bring("enterprises", firm) == one_and_the_example
        bus = {"车牌号": "澜B·D00001", "车牌颜色": "绿色", "类别": "城市公交", "所属企业": "望汀公交", "能源": "纯电动"}
        assert bring("vehicles", bus) == one_and_the_example
        driver = {"姓名": "驾驶员0001", "驾驶证号": "990201000000000001", "所属企业": "望汀公交"}
        assert bring("drivers", driver) == one_and_the_example
    row = client.get("fleets/vehicles", params={"q": "B·D00001"}).json()["items"][0]
    assert (row["enterprise_name"], row["energy"], row["region"]) == ("望汀公交", "electric", "9902")
    hits = client.get("search", params={"q": "望汀公交"}).json()["items"]
    assert [hit["kind"] for hit in hits] == ["enterprise"]
