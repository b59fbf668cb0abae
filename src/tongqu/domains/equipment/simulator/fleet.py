"""A fleet of simulated terminals in one event loop: dials, reports when due, comes back with growing pauses."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
import random
import time
from collections.abc import Callable, Sequence
from functools import partial

from tongqu.domains.equipment.simulator.terminal import Mood, SimulatedTerminal
from tongqu.domains.equipment.simulator.values import Counts, Fix, Identity, Source
from tongqu.domains.equipment.simulator.wire import Seconds

log = logging.getLogger("tongqu.simulator")
TICK_MS = 50
SLOTS = 4096
"""Slots of the wheel of due reports: 4096 × 50 ms reach over three minutes, longer intervals go round again."""
STALL_MS = 1_000
"""How far reports may lag behind and still catch up; after a longer stall the missed ones are left out."""
BACK_OFF_S = (1, 2, 4, 8, 15, 30, 60)


def system_ms() -> int:
    return time.time_ns() // 1_000_000


class Fleet:
    """N terminals against one platform.

    Args:
        identities: one for each terminal.
        source: moves their vehicles.
        host, port: where the platform listens.
        dials_per_s: connections opened a second.
        outage_every_s: mean time between outages of one terminal, 0 for none; an outage lasts 20 to 120 s.
        reply_ms: T(0), the wait for a reply before a repetition.
        seed: of the random pauses and phases.
        past: fixes, with their times, that a terminal holds when it first comes online; None for none.

    Attributes:
        now_ms: the instant of this turn.
        first_refusal: what the platform said when it first refused a terminal.
    """

    def __init__(
        self,
        identities: Sequence[Identity],
        source: Source,
        host: str,
        port: int,
        *,
        dials_per_s: float = 200.0,
        outage_every_s: float = 0.0,
        reply_ms: int = 10_000,
        repeats: int = 3,
        heartbeat_ms: int = 60_000,
        seed: int = 7,
        past: Callable[[int], Sequence[tuple[int, Fix]]] | None = None,
        clock: Callable[[], int] = system_ms,
    ) -> None:
        self.source, self.host, self.port = source, host, port
        self.reply_ms, self.repeats, self.heartbeat_ms = reply_ms, repeats, heartbeat_ms
        self.counts = Counts()
        self.seconds = Seconds()
        self.first_refusal = ""
        self._clock = clock
        self.now_ms = clock()
        self._random = random.Random(seed)
        self._dials_per_tick = max(dials_per_s * TICK_MS / 1000, 0.01)
        self._outage_every_s = outage_every_s
        self.terminals = [SimulatedTerminal(self, index, identity) for index, identity in enumerate(identities)]
        self._wheel: list[list[tuple[int, SimulatedTerminal]]] = [[] for _ in range(SLOTS)]
        self._turn = self.now_ms // TICK_MS
        self._to_dial = [(0, index) for index in range(len(self.terminals))]  # a heap: when, who
        self._credit = 0.0
        self._dialing: set[asyncio.Task[None]] = set()
        self._looked_after_ms = 0
        for terminal in self.terminals:
            if past is not None:
                terminal.remember(past(terminal.index))
            first_ms = self.now_ms + self._random.randrange(max(terminal.interval_ms, 1))
            self._put(terminal, first_ms)

    async def run(self, ended: Callable[[], bool], each_s: Callable[[], None] | None = None) -> None:
        """Play until `ended()`; then wait a moment for what is unacknowledged, and hang up."""
        while not ended():
            self._step()
            if each_s is not None and self.now_ms // 1000 != (self.now_ms - TICK_MS) // 1000:
                each_s()
            await asyncio.sleep(max(0.001, TICK_MS / 1000 - (self._clock() - self.now_ms) / 1000))
        for _ in range(100):
            if all(not terminal._waiting for terminal in self.terminals):
                break
            await asyncio.sleep(0.05)
        await self.close()

    async def close(self) -> None:
        """Hang up."""
        for task in list(self._dialing):
            task.cancel()
        for terminal in self.terminals:
            terminal.mood = Mood.ENDED
            terminal.cut()
        await asyncio.sleep(0)

    def _step(self) -> None:
        self.now_ms = self._clock()
        self._dial_some()
        turn = self.now_ms // TICK_MS
        advanced = False
        while self._turn < turn:
            self._turn += 1
            slot = self._wheel[self._turn % SLOTS]
            if not slot:
                continue
            if not advanced:
                self.source.advance(self.now_ms)
                advanced = True
            self._wheel[self._turn % SLOTS] = []
            for due_ms, terminal in slot:
                if due_ms // TICK_MS > self._turn:
                    self._wheel[self._turn % SLOTS].append((due_ms, terminal))
                    continue
                terminal.report(self.source.fix(terminal.index), self.seconds.bcd(self.now_ms))
                self._put(terminal, max(due_ms, self.now_ms - STALL_MS) + terminal.interval_ms)
        if self.now_ms - self._looked_after_ms >= 1000:
            self._looked_after_ms = self.now_ms
            self._look_after()

    def _put(self, terminal: SimulatedTerminal, due_ms: int) -> None:
        due_ms = max(due_ms, (self._turn + 1) * TICK_MS)  # a slot that was passed comes again only after a round
        self._wheel[(due_ms // TICK_MS) % SLOTS].append((due_ms, terminal))

    def hurry(self, terminal: SimulatedTerminal) -> None:
        """A terminal's interval became shorter: its report moves forward."""
        for slot in self._wheel:
            for entry in slot:
                if entry[1] is terminal:
                    slot.remove(entry)
                    self._put(terminal, self.now_ms + min(terminal.interval_ms, max(entry[0] - self.now_ms, 1)))
                    return

    def _look_after(self) -> None:
        """Repetitions and heartbeats; here and there the network fails."""
        for terminal in self.terminals:
            terminal.tick(self.now_ms)
        if self._outage_every_s and self.terminals:
            expected = self.counts.online / self._outage_every_s
            number = int(expected) + (self._random.random() < expected % 1)
            for terminal in self._random.sample(self.terminals, min(number, len(self.terminals))):
                if terminal.mood is Mood.ONLINE:
                    terminal.next_dial_ms = self.now_ms + self._random.randrange(20_000, 120_000)
                    terminal.cut()

    # connections

    def _dial_some(self) -> None:
        self._credit = min(self._credit + self._dials_per_tick, 2 * self._dials_per_tick + 1)
        while self._to_dial and self._credit >= 1 and self._to_dial[0][0] <= self.now_ms:
            terminal = self.terminals[heapq.heappop(self._to_dial)[1]]
            self._credit -= 1
            terminal.mood = Mood.DIALING
            task = asyncio.get_running_loop().create_task(self._dial(terminal))
            self._dialing.add(task)
            task.add_done_callback(self._dialing.discard)

    async def _dial(self, terminal: SimulatedTerminal) -> None:
        self.counts.dials += 1
        loop = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(loop.create_connection(partial(_same, terminal), self.host, self.port), 10)
        except (OSError, TimeoutError) as error:
            self.counts.failed_dials += 1
            self.first_refusal = self.first_refusal or str(error)
            if terminal.mood is not Mood.ENDED:
                self._come_back(terminal)

    def lost(self, terminal: SimulatedTerminal) -> None:
        """A connection ended."""
        if terminal.mood is Mood.ONLINE:
            self.counts.online -= 1
        if terminal.mood is not Mood.ENDED:
            self._come_back(terminal)

    def refused(self, terminal: SimulatedTerminal, what: str) -> None:
        """The platform does not let a terminal in: it hangs up and tries again later."""
        self.counts.refused += 1
        self.first_refusal = self.first_refusal or f"{terminal.identity.phone}: {what}"
        terminal.cut()

    def _come_back(self, terminal: SimulatedTerminal) -> None:
        terminal.mood = Mood.OFFLINE
        pause_s = BACK_OFF_S[min(terminal.tries, len(BACK_OFF_S) - 1)] * self._random.uniform(0.5, 1.5)
        terminal.tries += 1
        terminal.next_dial_ms = max(terminal.next_dial_ms, self.now_ms + round(pause_s * 1000))
        heapq.heappush(self._to_dial, (terminal.next_dial_ms, terminal.index))


def _same(terminal: SimulatedTerminal) -> SimulatedTerminal:
    return terminal


def play(
    fleet_of: Callable[[], Fleet], ended: Callable[[], bool], each_s: Callable[[Fleet], None] | None = None
) -> Fleet:
    """Run a fleet in a loop of its own, with uvloop where there is one."""
    made: list[Fleet] = []

    async def run() -> None:
        fleet = fleet_of()
        made.append(fleet)
        await fleet.run(ended, None if each_s is None else partial(each_s, fleet))

    factory = None
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(run())
    return made[0]
