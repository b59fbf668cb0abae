"""Until when a ride on request is booked, and how (GTFS Schedule reference, booking_rules.txt)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tongqu.engines.journeys.services import Services
from tongqu.engines.journeys.values import Booking
from tongqu.protocols.gtfs import BookingRule, FlexCall
from tongqu.protocols.gtfs.flex import NONE, PRIOR_DAYS, REAL_TIME, SAME_DAY

if TYPE_CHECKING:
    from tongqu.engines.journeys.catalogue import Catalogue

KINDS = {REAL_TIME: "real_time", SAME_DAY: "same_day", PRIOR_DAYS: "prior_days"}
UNTOLD = BookingRule("", REAL_TIME)
"""Where a feed names no rule: riding is arranged as one rides."""


class Terms:
    """The booking rules of a feed, in the days and hours of its zone."""

    def __init__(self, catalogue: Catalogue, feed: int, services: Services) -> None:
        self.catalogue = catalogue
        self.feed = feed
        self.services = services

    def rules(self, calls: tuple[FlexCall, FlexCall]) -> list[BookingRule]:
        """The rules of being fetched and of being set down: both must be kept."""
        named = dict.fromkeys((calls[0].pickup_rule, calls[1].drop_off_rule))
        return [self.services.rules[one] for one in named if one] or [UNTOLD]

    def earliest_ms(self, calls: tuple[FlexCall, FlexCall], day: date, now_ms: int | None) -> int | None:
        """The earliest ride of a service day that can be booked at a moment, None where none can be any more.

        Args:
            now_ms: the moment; None: when it is booked is not looked at.
        """
        earliest = now_ms or 0
        for rule in self.rules(calls):
            if rule.kind == PRIOR_DAYS:
                last = self._before_ms(day, rule.last_day, rule.last_time_s, rule.service)
                if last is None or (now_ms is not None and now_ms > last):
                    return None
            elif now_ms is not None:
                earliest = max(earliest, now_ms + max(rule.least_min, 0) * 60_000)
        return earliest

    def booking(self, trip: str, calls: tuple[FlexCall, FlexCall], day: date, fetched_ms: int) -> Booking:
        """How and until when a ride at a moment is booked."""
        rules = self.rules(calls)
        until = min(self._until_ms(rule, day, fetched_ms) for rule in rules)
        froms = [one for rule in rules if (one := self._from_ms(rule, day, fetched_ms)) is not None]
        return Booking(
            KINDS[max(rule.kind for rule in rules)], until, max(froms, default=None),
            _first(*(rule.phone for rule in rules)) or self.services.phones.get(trip, ""),
            _first(*(rule.booking_url for rule in rules), *(rule.info_url for rule in rules)),
            _first(*(rule.message for rule in rules), rules[0].pickup_message, rules[-1].drop_off_message),
        )  # fmt: skip

    def _until_ms(self, rule: BookingRule, day: date, fetched_ms: int) -> int:
        if rule.kind == PRIOR_DAYS:
            last = self._before_ms(day, rule.last_day, rule.last_time_s, rule.service)
            return fetched_ms if last is None else last
        return fetched_ms - max(rule.least_min, 0) * 60_000

    def _from_ms(self, rule: BookingRule, day: date, fetched_ms: int) -> int | None:
        if rule.kind == SAME_DAY and rule.most_min != NONE:
            return fetched_ms - rule.most_min * 60_000
        if rule.kind == REAL_TIME or NONE in (rule.start_day, rule.start_time_s):
            return None
        return self._before_ms(day, rule.start_day, rule.start_time_s, rule.service)

    def _before_ms(self, day: date, days: int, time_s: int, service: str) -> int | None:
        """A time of the day so many days before a service day; with a service only its days count."""
        try:
            at = self._back(day, days, service)
            return None if at is None else self.catalogue.base_ms(self.feed, at) + time_s * 1000
        except OverflowError:  # before all calendars
            return None

    def _back(self, day: date, days: int, service: str) -> date | None:
        if service not in self.services.days:
            return day - timedelta(days=days)
        facts, column = self.catalogue.feeds[self.feed], self.services.days[service]
        row = day.toordinal() - facts.first_day
        while days and row > 0:
            row -= 1
            days -= bool(row < len(facts.runs) and facts.runs[row, column])
        return None if days else date.fromordinal(facts.first_day + row)


def _first(*texts: str) -> str:
    return next((text for text in texts if text), "")
