"""Values of SIRI-SX. Times are UTC ms; what a publisher leaves out is None or empty; texts are (language, text)."""

from __future__ import annotations

from dataclasses import dataclass

from tongqu.kit.text import text

Texts = tuple[tuple[str, str], ...]
Period = tuple[int | None, int | None]
WITHDRAWN = frozenset({"closed"})
UNPUBLISHED = frozenset({"draft", "pendingApproval", "approvedDraft"})


@dataclass(frozen=True, slots=True)
class AffectedLine:
    """A line, or only some stops of it (`stops`); `directions` as the publisher names them."""

    ref: str
    name: str = ""
    directions: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AffectedJourney:
    """A vehicle journey: of one day (`frame`, YYYY-MM-DD, where the publisher's data frame is a day), or of every day;
    only some of its calls (`stops`), or all."""

    ref: str
    frame: str = ""
    line: str = ""
    stops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Affected:
    """What a situation concerns, by the publisher's own references; `everything`: all lines or operators there are."""

    lines: tuple[AffectedLine, ...] = ()
    stop_points: tuple[str, ...] = ()
    stop_places: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    journeys: tuple[AffectedJourney, ...] = ()
    everything: bool = False

    def __bool__(self) -> bool:
        return bool(
            self.lines or self.stop_points or self.stop_places or self.operators or self.journeys or self.everything
        )


@dataclass(frozen=True, slots=True)
class Consequence:
    """What comes of a situation: `conditions` are words of ServiceConditionEnumeration (`noService`, `stopCancelled`);
    what it concerns and when, where that is said apart from the situation."""

    conditions: tuple[str, ...] = ()
    severity: str = ""
    periods: tuple[Period, ...] = ()
    affects: Affected = Affected()


@dataclass(frozen=True, slots=True)
class InfoLink:
    """Where more is told."""

    uri: str
    labels: Texts = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """A situation as it was published (PtSituationElement).

    Attributes:
        participant, number: together its name; `version` counts its editions, None where none is told.
        progress: `open`, `published`, `closing`, `closed`, or a draft; `open` where nothing is told.
        validity: when it holds; no period: from now on until it is closed.
        reason: a word of the reason enumerations (`routeBlockage`, `heavySnowFall`), `reason_names` in words.
        severity: a word of SeverityEnumeration (`normal`, `severe`).
        summary, description, advice: by language; from the passenger information where the situation itself has none.
    """

    number: str
    participant: str = ""
    version: int | None = None
    created_ms: int | None = None
    progress: str = "open"
    validity: tuple[Period, ...] = ()
    publication: tuple[Period, ...] = ()
    severity: str = ""
    reason: str = ""
    reason_names: Texts = ()
    planned: bool = False
    summary: Texts = ()
    description: Texts = ()
    advice: Texts = ()
    links: tuple[InfoLink, ...] = ()
    affects: Affected = Affected()
    consequences: tuple[Consequence, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from all others: editions of one situation have the same."""
        return f"{self.participant}:{self.number}" if self.participant else self.number

    @property
    def holds(self) -> bool:
        """Whether travellers may be told: it is neither closed nor a draft."""
        return self.progress not in WITHDRAWN | UNPUBLISHED


@dataclass(frozen=True, slots=True)
class Notice:
    """Something wrong: `situation` is the number of the situation it was found in, empty for the delivery."""

    code: str
    situation: str = ""
    value: str = ""

    @property
    def entity(self) -> str:
        return self.situation

    @property
    def detail(self) -> dict[str, str]:
        return text(f"siri.notices.{self.code}", value=self.value)


@dataclass(frozen=True)
class Delivery:
    """A SituationExchangeDelivery, or several of one message.

    Attributes:
        timestamp_ms: when it was made (ResponseTimestamp), None where it does not say.
        full: it holds all situations there are, as the answer to a request does; False: it only adds (a delivery of a
            subscription, or one of several pages).
        more: further pages follow (MoreData).
        skipped: situations that could not be read.
    """

    timestamp_ms: int | None
    situations: tuple[Situation, ...] = ()
    full: bool = True
    more: bool = False
    producer: str = ""
    notices: tuple[Notice, ...] = ()
    skipped: int = 0
