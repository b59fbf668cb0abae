"""Lines to groups: an AIS message of one to nine sentences, whatever stands between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tongqu.protocols.nmea.sentence import Sentence, parse
from tongqu.protocols.nmea.wire import MOST_BITS, Reason

TIMEOUT_MS: Final = 10_000
"""How long a group waits for its next part."""
REACH: Final = 1000
"""AIS sentences that may stand between two parts: the time-out of a stream without a clock."""


@dataclass(frozen=True, slots=True)
class Group:
    """A message's sentences, or a refused line.

    Attributes:
        sentences: in order of their parts.
        reason: why it is refused, or None.
        payload: armoured payload of all parts.
        fill: bits at the end of the last part that carry nothing.
        channel: radio channel as sent, mostly A or B.
        own: whether it speaks of the receiver's own ship (VDO).
        heard_ms: when the first part was heard, if the stream says so.
        station: who heard it, if the stream says so.
    """

    sentences: tuple[Sentence, ...]
    reason: Reason | None = None
    payload: str = ""
    fill: int = 0
    channel: str = ""
    own: bool = False
    heard_ms: int | None = None
    station: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(sentence.line for sentence in self.sentences)

    @property
    def talker(self) -> str:
        return self.sentences[0].talker

    @property
    def kind(self) -> str:
        """Formatter of its sentences: VDM and VDO are AIS."""
        return self.sentences[0].kind


@dataclass(slots=True)
class _Open:
    sentences: list[Sentence] = field(default_factory=list)
    total: int = 0
    at_ms: int = 0
    at: int = 0

    def refused(self, reason: Reason = Reason.INCOMPLETE) -> Group:
        return _group(self.sentences, reason)


class Assembler:
    """Groups of one stream of lines.

    Parts belong together by sequence number, channel, number of parts, and whether they speak of the own ship; they
    come in order. A new first part takes the place of a group that is still open, and that one is refused.
    """

    def __init__(self, timeout_ms: int = TIMEOUT_MS, reach: int = REACH) -> None:
        self._timeout_ms = timeout_ms
        self._reach = reach
        self._open: dict[tuple[str, str, int, bool], _Open] = {}
        self._count = 0

    def feed(self, line: str, now_ms: int = 0) -> list[Group]:
        """What the next line completes or gives up: groups in the order of their ends. Empty for an empty line.

        Args:
            line: with or without an end of line.
            now_ms: a clock of any origin, for the time-out; 0 for input without one.
        """
        if not line.strip("\r\n\0 \t"):
            return []
        return self.take(parse(line), now_ms)

    def take(self, sentence: Sentence, now_ms: int = 0) -> list[Group]:
        """The same for a line already read."""
        if not sentence.ais:
            return [Group((sentence,), sentence.reason, heard_ms=sentence.heard_ms, station=sentence.station)]
        self._count += 1
        given_up = self.due(now_ms)
        if sentence.reason is not None:
            return [*given_up, Group((sentence,), sentence.reason)]
        part = _part_of(sentence)
        if part is None:
            return [*given_up, Group((sentence,), Reason.FIELDS)]
        total, number = part
        if total == 1:
            return [*given_up, _group([sentence])]
        key = (sentence.fields[2], sentence.fields[3], total, sentence.kind == "VDO")
        if number == 1:
            before = self._open.pop(key, None)
            self._open[key] = _Open([sentence], total, now_ms, self._count)
            return [*given_up, before.refused()] if before else given_up
        group = self._open.get(key)
        if group is None or len(group.sentences) != number - 1:
            return [*given_up, Group((sentence,), Reason.ORPHAN)]
        group.sentences.append(sentence)
        group.at_ms, group.at = now_ms, self._count
        if number < total:
            return given_up
        del self._open[key]
        return [*given_up, _group(group.sentences)]

    def due(self, now_ms: int) -> list[Group]:
        """Groups that have waited too long."""
        if not self._open:
            return []
        late = [
            key
            for key, group in self._open.items()
            if self._count - group.at > self._reach
            or (now_ms and group.at_ms and now_ms - group.at_ms > self._timeout_ms)
        ]
        return [self._open.pop(key).refused() for key in late]

    def flush(self) -> list[Group]:
        """What is still open at the end of the input."""
        left = [group.refused() for group in self._open.values()]
        self._open.clear()
        return left


def _part_of(sentence: Sentence) -> tuple[int, int] | None:
    """Number of parts and which one this is; None if the fields of an AIS sentence are not all there."""
    fields = sentence.fields
    if len(fields) != 6 or not all(len(one) == 1 and one in "123456789" for one in fields[:2]):
        return None
    total, number = int(fields[0]), int(fields[1])
    sequence, channel, fill = fields[2], fields[3], fields[5]
    if number > total or len(sequence) > 1 or len(channel) > 1 or len(fill) != 1 or fill not in "012345":
        return None
    return total, number


def _group(sentences: list[Sentence], reason: Reason | None = None) -> Group:
    first, last = sentences[0], sentences[-1]
    payload = "".join(sentence.fields[4] for sentence in sentences)
    if reason is None and len(payload) * 6 > MOST_BITS:
        reason = Reason.LONG
    return Group(
        tuple(sentences),
        reason,
        payload,
        int(last.fields[5]),
        first.fields[3],
        first.kind == "VDO",
        first.heard_ms,
        first.station,
    )
