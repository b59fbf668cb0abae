"""An import from upload to report: good rows live, bad rows are named, a trial leaves nothing, a repetition neither."""

from __future__ import annotations

import io
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from openpyxl import load_workbook

from tongqu.kernel.imports import rehearsal, run, service, store
from tongqu.kernel.imports.tables import METADATA
from tongqu.kernel.imports.tests.support import (
    BOUND,
    LI,
    items,
    outcomes,
    put,
    report,
    run_here,
    take_in,
    upload,
    xlsx,
)
from tongqu.kernel.imports.tidy import run as tidy
from tongqu.kernel.jobs import store as job_store
from tongqu.kernel.jobs.tests.support import application, as_person, job_row, person, run_until, working
from tongqu.kernel.platform import Platform
from tongqu.kit import text
from tongqu.kit.errors import Invalid, NotFound, TooLarge
from tongqu.kit.time import DAY_MS, ManualClock

HEAD = "编号,质量(kg)\n"


def lines(*rows: str) -> bytes:
    return (HEAD + "\n".join(rows)).encode()


def test_good_rows_live_and_bad_rows_are_named(platform: Platform) -> None:
    result = take_in(platform, lines("a,1", "BAD1,2", "b,x", "CRASH,3", "TWICE,4", "c,5"))
    assert outcomes(result) == [
        (2, "created", []),
        (3, "refused", ["conflict"]),
        (4, "refused", ["not_number"]),
        (5, "refused", ["row_crashed"]),
        (6, "refused", ["conflict"]),
        (7, "created", []),
    ]
    assert items(platform) == {"A": 1, "C": 5}, "what a refused row had written is undone"
    assert result["counts"] == {"created": 2, "refused": 4}
    assert (result["run"]["total"], result["run"]["counts"]) == (6, result["counts"])


def test_the_same_file_again_changes_nothing(platform: Platform) -> None:
    data = lines("a,1", "b,2")
    take_in(platform, data)
    assert take_in(platform, data)["counts"] == {"unchanged": 2}
    assert take_in(platform, lines("a,1", "b,3", "c,4"))["counts"] == {"unchanged": 1, "updated": 1, "created": 1}


@pytest.mark.parametrize("copied", [True, False])
def test_a_trial_says_what_would_come_of_it_and_leaves_nothing(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, copied: bool
) -> None:
    if not copied:
        monkeypatch.setattr(rehearsal, "MOST_COPIED", 0)
        monkeypatch.setattr(run, "SLICE_S", 60)  # one part: rows of one do not see those of another
    take_in(platform, lines("a,1"))
    result = take_in(platform, lines("a,1", "b,2", "b,2", "BAD,3"), dry_run=True)
    assert [outcome for _, outcome, _ in outcomes(result)] == ["unchanged", "created", "unchanged", "refused"]
    assert items(platform) == {"A": 1}
    assert result["run"]["dry_run"] is True


def test_a_trial_holds_nobody_up(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records are written while the trial is in the middle of its rows."""
    seen = []
    one = run.Taking.one

    def write_meanwhile(taking: run.Taking, work: Any, parsed: Any) -> Any:
        with platform.store.write(LI) as other:
            other.execute(job_store.insert(store.RUN), [_run_row(f"j{parsed.number}")])
        seen.append(parsed.number)
        return one(taking, work, parsed)

    monkeypatch.setattr(run.Taking, "one", write_meanwhile)
    take_in(platform, lines("a,1", "b,2"), dry_run=True)
    assert seen == [2, 3]


def _run_row(job: str) -> dict[str, Any]:
    return {
        "job": job, "importer": "x", "document": "x", "file_name": "x", "dry_run": False, "all_or_nothing": False,
        "total": 0, "notes": [], "created_ms": 0, "person": LI.id, "person_name": LI.name,
    }  # fmt: skip


def test_all_or_nothing_takes_all_or_nothing(platform: Platform) -> None:
    bad = take_in(platform, lines("a,1", "BAD,2", "c,x"), all_or_nothing=True)
    assert outcomes(bad) == [
        (2, "refused", ["others_refused"]),
        (3, "refused", ["conflict"]),
        (4, "refused", ["not_number"]),
    ]
    assert items(platform) == {}
    good = take_in(platform, lines("a,1", "c,2"), all_or_nothing=True)
    assert (good["counts"], items(platform)) == ({"created": 2}, {"A": 1, "C": 2})


def test_all_or_nothing_is_for_files_that_fit_a_short_unit_of_work(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "MOST_ALL_OR_NOTHING", 1)
    with pytest.raises(TooLarge, match="too_many_at_once"):
        take_in(platform, lines("a,1", "c,2"), all_or_nothing=True)


def test_a_run_that_died_goes_on_where_its_report_ends(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    job = put(platform, lines(*(f"c{n},1" for n in range(30))))
    monkeypatch.setattr(run, "MOST_AT_ONCE", 10)
    some = run.Taking.some
    calls = []

    def die_at_the_third(taking: run.Taking, wanted: Any) -> int:
        calls.append(len(wanted))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return some(taking, wanted)

    monkeypatch.setattr(run.Taking, "some", die_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        run_here(platform, job)
    done = len(report(platform, job)["rows"])
    assert 0 < done < 30
    assert len(items(platform)) == done, "a row and its line of the report are one"
    monkeypatch.setattr(run.Taking, "some", some)
    with platform.store.write(job_store.PLATFORM) as work:
        job_store.write_running(work, job, 1, {"state": "queued"})
    result = run_here(platform, job)
    assert result["counts"] == {"created": 30}, "none twice, none left out"


def test_a_file_with_a_wrong_heading_fails_as_a_whole_with_the_list(platform: Platform) -> None:
    job = put(platform, "车牌,质量\na,1".encode())
    with working(platform) as worker:
        run_until(worker, lambda: job_row(platform, job)["state"] in ("done", "failed"))
    row = job_row(platform, job)
    assert (row["state"], row["error"]["code"]) == ("failed", "imports.heading")
    assert [problem["code"] for problem in row["error"]["problems"]] == ["imports.missing_column"]
    assert "编号" in row["error"]["problems"][0]["detail"]["zh"]


def test_through_the_routes_and_a_worker(platform: Platform) -> None:
    client = as_person(application(platform, LI), LI)
    (toys,) = [one for one in client.get("imports").json() if one["id"] == "toys"]
    assert toys["title"] == {"zh": "玩具", "en": "Toys"}
    assert [column["name"] for column in toys["columns"] if column["required"]] == ["code"]

    answer = upload(client, "toys", xlsx(("编号", "质量(kg)"), ("a", 1), ("BAD", 2)), key="k1")
    assert answer.status_code == 202
    job = answer.json()["job"]
    with working(platform) as worker:
        run_until(worker, lambda: client.get(f"jobs/{job}").json()["state"] not in ("queued", "running"))
    done = client.get(f"jobs/{job}").json()
    assert (done["state"], done["result"]["counts"]) == ("done", {"created": 1, "refused": 1})
    assert done["title"]["zh"] == "导入 a.xlsx"
    assert client.get(f"imports/runs/{job}").json()["counts"] == {"created": 1, "refused": 1}
    refused = client.get(f"imports/runs/{job}/rows", params={"filter.outcome": "refused"}).json()
    assert [(row["row"], row["problems"][0]["code"]) for row in refused["items"]] == [(3, "imports.conflict")]
    document = client.get(f"imports/runs/{job}").json()["document"]
    assert client.get(f"documents/{document}").content.startswith(b"PK"), "the file is kept with the report"


def test_the_same_key_and_file_is_the_same_import(platform: Platform) -> None:
    client = as_person(application(platform, LI), LI)
    first = upload(client, "toys", lines("a,1"), key="k").json()["job"]
    assert upload(client, "toys", lines("a,1"), key="k").json()["job"] == first
    other = upload(client, "toys", lines("a,2"), key="k")
    assert (other.status_code, other.json()["code"]) == (409, "jobs.key_reused")
    assert client.get("documents").json()["total"] == 1


def test_reports_open_in_a_spreadsheet_and_run_nothing(platform: Platform) -> None:
    result = take_in(platform, lines("=cmd|'/c calc'!A1,1", "a,x", "b,2"))
    client = as_person(application(platform, LI), LI)
    job = result["job"]
    body = client.get(f"imports/runs/{job}/report.csv").content
    assert body.startswith(b"\xef\xbb\xbf")
    rows = body.decode("utf-8-sig").split("\r\n")
    assert rows[0] == "行号,结果,对象,列,级别,说明"
    assert rows[1].startswith("2,新增,'=CMD|")
    assert rows[2].startswith("3,拒绝,,mass_kg,错误,")
    book = load_workbook(io.BytesIO(client.get(f"imports/runs/{job}/report.xlsx", params={"lang": "en"}).content))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert cells[0] == ["Row", "Outcome", "Of", "Column", "Level", "Problem"]
    assert book.active["C2"].data_type == "s"
    only = client.get(f"imports/runs/{job}/report.csv", params={"outcome": "refused"}).content.decode("utf-8-sig")
    assert len(only.strip().split("\r\n")) == 2


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_template_can_be_filled_in_and_sent_back(platform: Platform, form: str, language: str) -> None:
    client = as_person(application(platform, LI), LI)
    template = client.get(f"imports/toys/template.{form}", params={"lang": language})
    assert template.status_code == 200
    untouched = take_in(platform, template.content)
    assert outcomes(untouched) == [(2, "refused", ["example_row"])]
    if form == "csv":
        filled = template.content + b"Z-9,7,blue,2026-01-02,yes\r\n"
    else:
        book = load_workbook(io.BytesIO(template.content))
        book.worksheets[0].append(["Z-9", 7, "blue", "2026-01-02", "yes"])
        out = io.BytesIO()
        book.save(out)
        filled = out.getvalue()
    assert take_in(platform, filled)["counts"] == {"refused": 1, "created": 1}
    assert items(platform) == {"Z-9": 7}


def test_who_may_import_and_see_reports(platform: Platform) -> None:
    colleague = person("p-colleague", "imports.read", organisations=["o1"])
    stranger = person("p-stranger", "imports.read", "toy.edit", organisations=["o2"])
    job = take_in(platform, lines("a,1"))["job"]
    app = application(platform, LI, colleague, stranger)
    assert upload(as_person(app, colleague), "toys", lines("b,1")).status_code == 403
    assert as_person(app, colleague).get("imports/toys/template.csv").status_code == 403
    assert as_person(app, colleague).get("imports").json() == []
    assert as_person(app, stranger).get("imports/none/template.csv").json()["code"] == "imports.unknown"
    assert as_person(app, "nobody").post("imports/toys").status_code == 401
    for path in ("", "/rows", "/report.csv", "/report.xlsx"):
        assert as_person(app, LI).get(f"imports/runs/{job}{path}").status_code == 200
        assert as_person(app, colleague).get(f"imports/runs/{job}{path}").status_code == 200
        assert as_person(app, stranger).get(f"imports/runs/{job}{path}").status_code == 404


def test_forms_that_are_none(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    client = as_person(application(platform, LI), LI)
    assert client.post("imports/toys", content=b"x").json()["code"] == "imports.no_file"
    assert client.post("imports/toys", data={"file": "text"}).json()["code"] == "imports.no_file"
    broken = client.post("imports/toys", content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert broken.json()["code"] == "imports.bad_form"
    monkeypatch.setattr(service, "MOST_MB", 0)
    assert upload(client, "toys", b"x" * 100_000).json()["code"] == "imports.file_too_large"


def test_old_runs_are_forgotten(platform: Platform) -> None:
    clock = ManualClock(platform.clock.now_ms())
    platform.clock = platform.store.clock = clock
    job = take_in(platform, lines("a,1"))["job"]
    clock.advance(89 * DAY_MS)
    tidy(platform)
    assert report(platform, job)["rows"]
    clock.advance(2 * DAY_MS)
    tidy(platform)
    with pytest.raises(NotFound):
        report(platform, job)


def test_an_unknown_importer_or_empty_file_fails(platform: Platform) -> None:
    with pytest.raises(Invalid, match="empty"):
        take_in(platform, b"")


def test_migrations_make_the_declared_tables_and_catalogues_are_equal(platform: Platform) -> None:
    with platform.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = [str(one) for one in compare_metadata(context, METADATA) if "imports_" in str(one)]
    assert [one for one in found if "imports_version" not in one] == []
    assert text.load("imports", "zh").keys() == text.load("imports", "en").keys()
    assert BOUND.importer.columns
