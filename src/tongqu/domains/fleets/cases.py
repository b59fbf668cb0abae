"""The supervision case (督办): a grave alarm of a carrier's vehicle that the carrier must answer for in time.

One is opened for each alarm of severity 1 or 2 that rang; the carrier's monitor takes it, has the driver told, answers;
the authority closes it, or sends it back. What never was, as late data show, is withdrawn with its alarm.
"""

from __future__ import annotations

from tongqu.kernel import cases
from tongqu.kernel.alarms import RAISED, WITHDRAWN
from tongqu.kernel.cases import CaseType, Limit, Step
from tongqu.kernel.events import Event, Subscription
from tongqu.kernel.numbering import Series
from tongqu.kernel.store import Work
from tongqu.kit.errors import Refused
from tongqu.kit.text import text

READ, ANSWER, SUPERVISE = "fleets.read", "fleets.answer", "fleets.supervise"
GRAVE = 2

SUPERVISION = CaseType(
    id="fleets.supervision",
    states=("issued", "handling", "answered", "closed", "withdrawn"),
    final=("closed", "withdrawn"),
    read=READ,
    number=Series("fleets.supervisions", "{region}-DB{year}{month:02d}{day:02d}-{number:03d}", period="day"),
    supervised=True,
    steps=(
        Step("take", ("issued",), "handling", ANSWER, assigns="actor"),
        Step("tell_driver", ("handling",), "handling", ANSWER, fields={"note": "text"}, required=("note",)),
        Step(
            "answer",
            ("handling",),
            "answered",
            ANSWER,
            fields={"result": "text", "evidence": "document"},
            required=("result",),
        ),
        Step("send_back", ("answered",), "handling", SUPERVISE, fields={"reason": "text"}, required=("reason",)),
        Step("close", ("answered",), "closed", SUPERVISE, second="answer", fields={"remark": "text"}),
        Step(
            "withdraw",
            ("issued", "handling", "answered"),
            "withdrawn",
            SUPERVISE,
            fields={"reason": "text"},
            required=("reason",),
        ),
    ),
    limits=(
        Limit("take", ("open",), ("take", "withdraw"), 5, "minutes", "fleets.supervision.take_minutes"),
        Limit(
            "answer",
            ("open", "send_back"),
            ("answer", "withdraw"),
            30,
            "minutes",
            "fleets.supervision.answer_minutes",
        ),
    ),
)


def _key(alarm: int) -> str:
    return f"alarm:{alarm}"


def on_raised(work: Work, event: Event) -> None:
    """Open the case of a grave alarm that rang."""
    alarm = event.payload
    owned = alarm["organisation"] or alarm["home_region"] or alarm["region"]
    if not (alarm["live"] and alarm["severity"] <= GRAVE and alarm["rule"].startswith("fleets.") and owned):
        return
    name = alarm["rule"].partition(".")[2]
    cases.open_case(
        work,
        SUPERVISION,
        title=f"{text(f'fleets.rules.{name}.title')['zh']} · {alarm['subject_name']}",
        organisation=alarm["organisation"],
        region=alarm["home_region"] or alarm["region"],
        at_ms=min(alarm["raised_ms"], work.now_ms),
        lon=alarm["lon"],
        lat=alarm["lat"],
        place=alarm["place"][0]["text"] if alarm["place"] else "",
        subject=alarm["subject"],
        priority=alarm["severity"],
        data={"alarm": alarm["id"], "rule": alarm["rule"]},
        key=_key(alarm["id"]),
    )


def on_withdrawn(work: Work, event: Event) -> None:
    """Withdraw the case of an alarm that never was, unless it has been closed."""
    alarm = event.payload
    if not alarm["rule"].startswith("fleets.") or alarm["severity"] > GRAVE:
        return
    known = cases.by_key(work, SUPERVISION, _key(alarm["id"]))
    if known is None:
        return
    try:
        reason = text("fleets.cases.supervision.never_was")["zh"]
        cases.advance(work, SUPERVISION, known.id, "withdraw", data={"reason": reason})
    except Refused:  # a person has closed it already
        return


SUBSCRIPTIONS = (
    Subscription("fleets.supervise", (RAISED,), on_raised),
    Subscription("fleets.supervise_withdrawn", (WITHDRAWN,), on_withdrawn),
)
