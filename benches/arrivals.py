"""Arrival forecasts from simulated bus positions, beside schedule-only and last-delay, and trips matched against truth.

Buses are simulated (`buses.py`, which says what disturbs them: congestion by place and time, incidents, lights, stays
at stops, drivers, timetables that are wrong, noise of positions) on the trips of a day of Porto Alegre's bus feed. The
engine hears one fix in 15 s of each vehicle and nothing else; the links know nothing when the day begins. Every 30 s it
is asked; what it says of an arrival is the forecast made last before ten minutes (and not eleven) before the bus was
truly there. All methods are scored on the same arrivals: schedule-only says the planned time, last-delay adds the delay
at the last call as the engine has measured it. A bus held to run a trip that is not its own counts as what it is: a
wrong forecast.

Matching is scored fix by fix: precision is the share of right ones among the fixes that were given a trip, recall among
the fixes of vehicles truly on a trip; both without the line of a vehicle being known, and with it (a dispatcher's
list). Three runs are three seeds. Needs the test data.
"""

from __future__ import annotations

import os
import sys
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import peers
from bench import Row, report
from buses import FIX_S, Heard, Town, Truth

from tongqu.engines.arrivals import Operation, Plan, plan_of_feed
from tongqu.engines.journeys import Catalogue

SEEDS = (1,) if "--quick" in sys.argv else (1, 2, 3)
DAY = date(2019, 5, 13)
DATA = Path(os.environ.get("TONGQU_TEST_DATA", peers.ROOT.parent / "shared" / "data")) / "travel" / "poa"
STEP_MS, AHEAD_MIN, MOST_OLDER_MS = 30_000, (5, 10, 20), 60_000
METHODS = ("forecast", "schedule only", "last delay")
NOISE = "one fix in 15 s, noise 10 m, 1 % lost, 0.1 % leaps"


@dataclass
class Run:
    """What a day gave: mean absolute errors by minutes ahead and method, shares of fixes, rows a second."""

    errors: dict[int, list[float]]
    arrivals: int
    precision: float
    recall: float
    rows_per_s: float


def followed(plan: Plan, heard: Heard, truth: Truth, lines: dict[int, int]) -> Run:
    """Feed a day in steps, ask after each, and score."""
    operation, counts, spent = Operation(plan), Counter[str](), 0.0
    said: dict[int, list[tuple[int, int, np.ndarray, np.ndarray]]] = defaultdict(list)
    steps = np.arange(heard.time_ms[0], heard.time_ms[-1] + STEP_MS, STEP_MS)
    edges = np.searchsorted(heard.time_ms, steps)
    for step_ms, begin, end in zip(steps[1:].tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = slice(begin, end)
        clock = time.process_time()
        operation.take(heard.vehicle[part], heard.time_ms[part], heard.lon[part], heard.lat[part], lines)
        spent += time.process_time() - clock
        told, matched = operation.forecasts(step_ms), operation.matched()
        for i, run in enumerate(told.run.tolist()):
            own = slice(int(told.first[i]), int(told.first[i + 1]))
            if own.start < own.stop:
                said[run].append((step_ms - plan.base_ms, int(told.call[own.start]), told.arrival_ms[own],
                                  told.last_delay_ms[own]))  # fmt: skip
        got = dict(zip(matched.vehicle.tolist(), matched.run.tolist(), strict=True))
        for vehicle, run in zip(heard.vehicle[part].tolist(), heard.run[part].tolist(), strict=True):
            found = got.get(vehicle, -1)
            counts["right"] += found == run >= 0
            counts["told"] += found >= 0
            counts["true"] += run >= 0
    errors, arrivals = scored(plan, truth, said)
    return Run(errors, arrivals, counts["right"] / counts["told"], counts["right"] / counts["true"],
               len(heard.vehicle) / spent)  # fmt: skip


def scored(plan: Plan, truth: Truth, said: dict) -> tuple[dict[int, list[float]], int]:
    """Mean absolute errors in seconds against the true arrivals, and how many stood behind those ten minutes ahead."""
    sums = {minutes: np.zeros(len(METHODS)) for minutes in AHEAD_MIN}
    count = dict.fromkeys(AHEAD_MIN, 0)
    for run, told in said.items():
        times = [one[0] for one in told]
        first = int(plan.run_first[run])
        for call in range(1, int(plan.run_first[run + 1]) - first):
            true_ms = truth.arrival_s[first + call] * 1000
            for minutes in AHEAD_MIN if np.isfinite(true_ms) else ():
                latest = true_ms - minutes * 60_000
                place = bisect_right(times, latest) - 1
                if place < 0 or latest - times[place] > MOST_OLDER_MS:
                    continue
                _, begin, arrival, last_delay = told[place]
                if begin <= call < begin + len(arrival):
                    guesses = arrival[call - begin], plan.arrival_ms[first + call], last_delay[call - begin]
                    sums[minutes] += np.abs(np.array(guesses) - true_ms) / 1000
                    count[minutes] += 1
    return {minutes: (sums[minutes] / max(count[minutes], 1)).tolist() for minutes in AHEAD_MIN}, count[10]


def main() -> int:
    laid = plan_of_feed(Catalogue.read([DATA / "poa_eptc.zip"]), 0, [DAY])
    assert laid is not None
    plan = laid[0]
    blind: list[Run] = []
    known: list[Run] = []
    fixes = vehicles = 0
    for seed in SEEDS:
        heard, truth = Town(plan, seed).run()
        line_of = {}
        for run, vehicle in enumerate(truth.vehicle.tolist()):
            line_of[vehicle] = int(plan.line[plan.run_pattern[run]])
        followed(plan, Heard(*(column[:2_000] for column in vars(heard).values())), truth, {})  # compiled beforehand
        blind.append(followed(plan, heard, truth, {}))
        known.append(followed(plan, heard, truth, line_of))
        fixes, vehicles = len(heard.vehicle), int(heard.vehicle.max()) + 1
        assert np.median(np.diff(heard.time_ms[heard.vehicle == 0])) == FIX_S * 1000

    def errors(runs: list[Run], minutes: int, method: int) -> list[float]:
        return [one.errors[minutes][method] for one in runs]

    def times_better(minutes: int, method: int) -> list[float]:
        return [one.errors[minutes][method] / one.errors[minutes][0] for one in blind]

    note = f"{blind[0].arrivals:,} arrivals in the first run; errors against the simulated truth"
    rows = [
        Row("10 min ahead: forecast, mean absolute error", None, errors(blind, 10, 0), "s", "lower", note=note),
        Row("10 min ahead: schedule only", None, errors(blind, 10, 1), "s", "lower"),
        Row("10 min ahead: last delay", None, errors(blind, 10, 2), "s", "lower"),
        Row("forecast better than schedule only, times", 1.0, times_better(10, 1), "x"),
        Row("forecast better than last delay, times", 1.0, times_better(10, 2), "x"),
    ]
    for minutes in (5, 20):
        for method, name in enumerate(METHODS):
            rows.append(Row(f"{minutes} min ahead: {name}", None, errors(blind, minutes, method), "s", "lower"))
    rows += [
        Row("10 min ahead, lines known: forecast", None, errors(known, 10, 0), "s", "lower"),
        Row("matching, lines not known: precision", None, [one.precision for one in blind], ""),
        Row("matching, lines not known: recall", None, [one.recall for one in blind], "",
            note="a bus is told to run a trip after 300 m, and 2.5 km where lines with one way speak equally"),
        Row("matching, lines known: precision", None, [one.precision for one in known], ""),
        Row("matching, lines known: recall", None, [one.recall for one in known], ""),
        Row("fixes matched and learnt from", None, [one.rows_per_s for one in blind], "rows/s/core",
            note="decisions and forecasts of all vehicles every 15 s of the day included"),
    ]  # fmt: skip
    data = f"Porto Alegre EPTC, {DAY}: {plan.runs:,} trips; {fixes:,} fixes of {vehicles} simulated vehicles, {NOISE}"
    return report(rows, data=data)


if __name__ == "__main__":
    sys.exit(main())
