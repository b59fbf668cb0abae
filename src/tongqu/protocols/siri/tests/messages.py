"""SIRI-SX messages as tests write them."""

from __future__ import annotations

NAMESPACE = "http://www.siri.org.uk/siri"


def situation(
    number: str = "S1",
    *,
    version: int | str = 1,
    progress: str = "open",
    start: str = "2020-01-01T00:00:00Z",
    end: str = "",
    affects: str = "",
    conditions: tuple[str, ...] = (),
    extra: str = "",
    summary: str = "Summary",
) -> str:
    """One PtSituationElement."""
    closed = f"<EndTime>{end}</EndTime>" if end else ""
    consequence = "".join(f"<Condition>{one}</Condition>" for one in conditions)
    consequences = f"<Consequences><Consequence>{consequence}</Consequence></Consequences>" if conditions else ""
    return (
        f"<PtSituationElement><ParticipantRef>P</ParticipantRef><SituationNumber>{number}</SituationNumber>"
        f"<Version>{version}</Version><Progress>{progress}</Progress>"
        f"<ValidityPeriod><StartTime>{start}</StartTime>{closed}</ValidityPeriod>{extra}"
        f'<Summary xml:lang="en">{summary}</Summary>'
        f"<Affects>{affects}</Affects>{consequences}</PtSituationElement>"
    )


def line(ref: str, stops: tuple[str, ...] = ()) -> str:
    """An affected line, or stops of it."""
    points = "".join(f"<AffectedStopPoint><StopPointRef>{one}</StopPointRef></AffectedStopPoint>" for one in stops)
    named = f"<Routes><AffectedRoute><StopPoints>{points}</StopPoints></AffectedRoute></Routes>" if stops else ""
    told = f"<AffectedLine><LineRef>{ref}</LineRef>{named}</AffectedLine>"
    return f"<Networks><AffectedNetwork>{told}</AffectedNetwork></Networks>"


def stop_point(ref: str) -> str:
    """An affected stop point."""
    return f"<StopPoints><AffectedStopPoint><StopPointRef>{ref}</StopPointRef></AffectedStopPoint></StopPoints>"


def delivery(*situations: str, at: str = "2026-11-28T12:00:00Z", head: str = "") -> bytes:
    """A whole message; `head` stands before the situations."""
    return (
        f'<?xml version="1.0"?><Siri xmlns="{NAMESPACE}" version="2.0"><ServiceDelivery>'
        f"<ResponseTimestamp>{at}</ResponseTimestamp><SituationExchangeDelivery>{head}"
        f"<Situations>{''.join(situations)}</Situations></SituationExchangeDelivery></ServiceDelivery></Siri>"
    ).encode()
