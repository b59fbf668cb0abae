"""Journey 3, the second half: enterprises, vehicles, drivers and people come in by spreadsheet, row by row."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from openpyxl import Workbook, load_workbook
from running import Running
from shell import until

pytestmark = [pytest.mark.needs("equipment", "fleets", "insight"), pytest.mark.xdist_group("demo")]

CARRIER = "望汀试运物流有限公司"
ENTERPRISE = {"name": CARRIER, "category": "重型载货", "region": "9902", "licence": "试运许可990200000001"}
VEHICLE = {"plate": "澜B·66{n:03}", "plate_colour": "黄色", "category": "重型载货", "enterprise": CARRIER}
DRIVER = {"name": "驾驶员9{n:03}", "driving_licence": "990200000000009{n:03}", "enterprise": CARRIER}
PERSON = {"login": "shiyun{n:02}", "name": "值班员{n:02}", "region": "9902", "role": "值班员"}
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def integrator(demo: Running) -> Iterator[httpx.Client]:
    """Signed in, with the carrier that the rows of these tests belong to."""
    client = demo.client("integrator")
    run(client, "enterprises", "e.csv", as_csv(client, "enterprises", [ENTERPRISE], "utf-8"))
    yield client
    client.close()


def several(row: dict[str, str], first: int, count: int) -> Rows:
    return [{name: value.format(n=n) for name, value in row.items()} for n in range(first, first + count)]


def columns(client: httpx.Client, importer: str) -> dict[str, str]:
    """Chinese heading of each column, by its name."""
    (found,) = [one for one in client.get("imports").raise_for_status().json() if one["id"] == importer]
    return {column["name"]: column["label"]["zh"] for column in found["columns"]}


def from_template(client: httpx.Client, importer: str, rows: Rows) -> bytes:
    """The downloaded template with these rows in place of its examples."""
    answer = client.get(f"imports/{importer}/template.xlsx").raise_for_status()
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    names = {heading: name for name, heading in columns(client, importer).items()}
    headings = [str(cell.value).rstrip("*＊ ") for cell in sheet[1]]
    sheet.delete_rows(2, sheet.max_row)
    for row in rows:
        sheet.append([row.get(names[heading]) for heading in headings])
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(client: httpx.Client, importer: str, rows: Rows, encoding: str) -> bytes:
    headings = columns(client, importer)
    names = list(rows[0])
    lines = [",".join(headings[name] for name in names), *(",".join(row[name] for name in names) for row in rows)]
    return "\r\n".join(lines).encode(encoding)


def run(client: httpx.Client, importer: str, name: str, data: bytes, **params: Any) -> dict[str, Any]:
    """Upload a file and wait for its job; gives the job, with the rows of the report."""
    answer = client.post(f"imports/{importer}", files={"file": (name, data)}, params=params)
    assert answer.status_code == 202, answer.text
    job = answer.json()["job"]
    done = until(lambda: over(client.get(f"jobs/{job}").json()), 60)
    return done | {"rows": client.get(f"imports/runs/{job}/rows", params={"limit": 500}).json()["items"]}


def over(job: dict[str, Any]) -> dict[str, Any] | None:
    return job if job["state"] in ("done", "failed", "cancelled") else None


def outcomes(done: dict[str, Any]) -> list[tuple[int, str]]:
    assert done["state"] == "done", done
    return [(row["row"], row["outcome"]) for row in done["rows"]]


def codes(done: dict[str, Any]) -> dict[int, list[str]]:
    return {row["row"]: [problem["code"] for problem in row["problems"]] for row in done["rows"]}


def test_all_four_registers_come_in_by_template_and_csv(demo: Running, integrator: httpx.Client) -> None:
    """The owner first, then what belongs to it. What came in answers over the API; the same again changes nothing."""
    done = run(integrator, "enterprises", "e.xlsx", from_template(integrator, "enterprises", [ENTERPRISE]))
    assert {outcome for _, outcome in outcomes(done)} <= {"created", "unchanged"}
    again = run(integrator, "enterprises", "e.csv", as_csv(integrator, "enterprises", [ENTERPRISE], "gb18030"))
    assert outcomes(again) == [(2, "unchanged")]
    with contextlib.closing(demo.client("admin")) as admin:
        for client, importer, row, encodings, path in (
            (integrator, "vehicles", VEHICLE, ("utf-8", "utf-8-sig", "gb18030"), "fleets/vehicles"),
            (integrator, "drivers", DRIVER, ("gb18030",), "fleets/drivers"),
            (admin, "people", PERSON, ("utf-8",), "identity/people"),
        ):
            files = [("a.xlsx", from_template(client, importer, several(row, 1, 3)))]
            for number, encoding in enumerate(encodings, 1):
                rows = several(row, 1 + 3 * number, 3)
                files.append((f"{encoding}.csv", as_csv(client, importer, rows, encoding)))
            for name, data in files:
                done = run(client, importer, name, data)
                assert {outcome for _, outcome in outcomes(done)} <= {"created", "unchanged"}, done["rows"]
                assert [at for at, _ in outcomes(done)] == [2, 3, 4]
            assert outcomes(run(client, importer, *files[-1])) == [(at, "unchanged") for at in (2, 3, 4)]
            found = client.get(path, params={"q": next(iter(several(row, 5, 1)[0].values()))}).json()["items"]
            assert len(found) == 1, (importer, found)


def test_good_rows_live_beside_bad_ones_and_each_is_told(integrator: httpx.Client) -> None:
    rows = several(VEHICLE, 900, 4)
    rows[1]["plate"] = "NOT A PLATE"
    rows[2]["plate_colour"] = "粉红"
    data = as_csv(integrator, "vehicles", rows, "gb18030")
    tried = run(integrator, "vehicles", "bad.csv", data, dry_run=True)
    done = run(integrator, "vehicles", "bad.csv", data)
    for report in (tried, done):
        assert [outcome for _, outcome in outcomes(report)][1:3] == ["refused", "refused"]
        assert {outcome for at, outcome in outcomes(report) if at in (2, 5)} <= {"created", "unchanged"}
    told = codes(done)
    assert told[3] == ["fleets.bad_plate"] and len(told[4]) == 1
    (problem,) = done["rows"][1]["problems"]
    assert problem["field"] == "plate" and "NOT A PLATE" in problem["detail"]["zh"]
    csv = integrator.get(f"imports/runs/{done['id']}/report.csv").content.decode("utf-8-sig")
    assert "NOT A PLATE" in csv and len(csv.strip().splitlines()) == 5


def test_merged_cells_refuse_their_rows_only(integrator: httpx.Client) -> None:
    headings = columns(integrator, "vehicles")
    rows = several(VEHICLE, 910, 3)
    book = Workbook()
    book.active.append([headings[name] for name in VEHICLE])
    for row in rows:
        book.active.append(list(row.values()))
    book.active.merge_cells("D2:D3")
    done = run(integrator, "vehicles", "merged.xlsx", saved(book))
    told = codes(done)
    assert [told[at] for at in (2, 3)] == [["imports.merged"], ["imports.merged"]]
    assert told[4] == []


@pytest.mark.parametrize("heading", [["车牌号", "颜色是啥", "类别"], ["a", "b", "c"]])
def test_wrong_headings_import_nothing_and_say_what_is_missing(integrator: httpx.Client, heading: list[str]) -> None:
    before = integrator.get("fleets/vehicles", params={"limit": 1}).json()["total"]
    data = "\n".join([",".join(heading), "澜B·66990,黄色,重型载货"]).encode("gb18030")
    done = run(integrator, "vehicles", "wrong.csv", data)
    assert done["state"] == "failed" and done["rows"] == []
    assert done["error"]["code"].startswith("imports.")
    assert done["error"]["problems"], done["error"]
    assert integrator.get("fleets/vehicles", params={"limit": 1}).json()["total"] == before
