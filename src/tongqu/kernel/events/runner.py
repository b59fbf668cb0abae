"""Brings events to subscriptions: in the order of recording, each once, with an offset per subscription."""

from __future__ import annotations

import logging
import threading
import time
import traceback

from tongqu.kernel.events import store
from tongqu.kernel.events.service import on_record
from tongqu.kernel.events.values import Event, Subscription
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Work, system_actor

log = logging.getLogger("tongqu.events")
POLL_S = 0.2
BATCH = 100
HOLD_S = 0.01
LONGEST_WAIT_S = 60.0


class Runner:
    """One thread for all subscriptions of the process that runs it (the API process).

    A handler that fails holds up its own subscription only: its event is tried again, ever more seldom up to once a
    minute; how often and why stands beside its offset, where `tongqu doctor` finds it. Nothing is left out.
    """

    def __init__(self, platform: Platform) -> None:
        self._store = platform.store
        self._subscriptions = tuple(one for module in platform.modules for one in module.subscriptions)
        self._again_at: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._looked_to: dict[str, int] = {}
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._off = on_record(self._wake.set)
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the batch at hand."""
        self._off()
        self._ending.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def run_once(self) -> int:
        """Bring what has come to all subscriptions that are not waiting; gives the number of events handled."""
        with self._store.read(system_actor("events")) as work:
            newest = store.last_seq(work)
        return sum(self._serve(one, newest) for one in self._subscriptions if not self._ending.is_set())

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                handled = self.run_once()
            except Exception:  # a locked or full disk now must not end the thread for good
                log.exception("subscriptions could not be served; trying again")
                handled = 0
            if handled == 0:
                self._wake.wait(POLL_S)
                self._wake.clear()

    def _serve(self, subscription: Subscription, newest: int) -> int:
        """Handle what there is for one subscription; batches are short, so that others get to write between them."""
        if self._looked_to.get(subscription.id, -1) >= newest or not self._may_try(subscription):
            return 0
        handled = 0
        while not self._ending.is_set():
            done, at_end = self._batch(subscription)
            handled += done
            if at_end:
                break
        return handled

    def _may_try(self, subscription: Subscription) -> bool:
        return time.monotonic() >= self._again_at.get(subscription.id, 0.0)

    def _batch(self, subscription: Subscription) -> tuple[int, bool]:
        """Handle some events in one unit of work; gives their number and whether to stop for now."""
        actor = system_actor(f"subscription:{subscription.id}")
        with self._store.read(actor) as work:
            newest = store.last_seq(work)
            events = store.after(work, store.offset(work, subscription.id), subscription.types, BATCH)
        if not events:
            self._looked_to[subscription.id] = newest
            return 0, True
        if self._failures.get(subscription.id):
            events = events[:1]  # alone, so that the ones before it are not done again with it
        try:
            with self._store.write(actor) as work:
                done = self._handle(work, subscription, events)
        except Exception as error:
            if len(events) > 1:
                self._failures[subscription.id] = 1
                return 0, False
            self._failed(subscription, events[0], error)
            return 0, True
        self._failures.pop(subscription.id, None)
        self._again_at.pop(subscription.id, None)
        return done, False

    def _handle(self, work: Work, subscription: Subscription, events: list[Event]) -> int:
        began = time.monotonic()
        done = 0
        for event in events:
            subscription.handle(work, event)
            done += 1
            if time.monotonic() - began > HOLD_S:
                break
        store.move(work, subscription.id, events[done - 1].seq)
        return done

    def _failed(self, subscription: Subscription, event: Event, error: Exception) -> None:
        failures = self._failures[subscription.id] = self._failures.get(subscription.id, 0) + 1
        self._again_at[subscription.id] = time.monotonic() + min(POLL_S * 2**failures, LONGEST_WAIT_S)
        log.error("subscription %s, event %d, attempt %d", subscription.id, event.seq, failures, exc_info=error)
        said = "".join(traceback.format_exception_only(error)).strip()
        with self._store.write(system_actor("events")) as work:
            offset = store.offset(work, subscription.id)
            store.move(work, subscription.id, offset, failures, f"event {event.seq}: {said}"[:2000])
