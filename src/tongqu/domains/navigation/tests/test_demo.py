"""The ships of the demo: the same for a seed, on their lanes, in sentences that any decoder reads."""

from __future__ import annotations

import numpy as np
import pytest

from tongqu.domains.navigation.demo import SHIPS, ships
from tongqu.domains.navigation.lanes import Waters, _lane
from tongqu.protocols import nmea

LANE = _lane(np.array([[121.0, 29.0], [121.1, 29.0], [121.2, 29.1]]))
SEA = Waters((LANE,), ((121.0, 29.0),), ((121.05, 29.02), (121.06, 29.03)), "9902", "望汀港")


def said(lines):
    assembler = nmea.Assembler()
    return [nmea.decode_group(group) for line in lines for group in assembler.feed(line)]


def test_sixty_ships_that_a_seed_repeats():
    fleet = ships(SEA, 7)
    assert len({ship.mmsi for ship in fleet}) == SHIPS == 60
    assert ships(SEA, 7) == fleet
    assert ships(SEA, 8) != fleet
    assert sum(ship.lane is None for ship in fleet) == 15


def test_imo_numbers_have_their_check_digit():
    for ship in ships(SEA, 7):
        digits = [int(digit) for digit in str(ship.imo)]
        assert len(digits) == 7
        assert sum(digit * weight for digit, weight in zip(digits, range(7, 1, -1), strict=False)) % 10 == digits[6]


def test_who_sails_stays_on_the_lane_at_her_speed():
    ship = next(ship for ship in ships(SEA, 7) if ship.lane)
    before, after = ship.state(1000.0), ship.state(1060.0)
    east = (after["longitude_deg"] - before["longitude_deg"]) * np.cos(np.radians(29.05))
    moved_m = np.hypot(east, after["latitude_deg"] - before["latitude_deg"]) * 111_195
    assert moved_m == pytest.approx(ship.speed_kn * 1852 / 60, rel=0.05)


def test_her_sentences_say_what_she_is():
    for ship in ships(SEA, 7):
        (position,) = said(ship.position(500.0, 17))
        assert position.ok and position.mmsi == ship.mmsi
        assert (position.type, position.fields["second"]) == (18 if ship.class_b else 1, 17)
        assert position.fields["longitude_deg"] == pytest.approx(ship.state(500.0)["longitude_deg"], abs=1e-5)
        names = [message.fields["name"] for message in said(ship.particulars(1)) if "name" in message.fields]
        assert names == [ship.name]


def test_a_lane_ends_where_it_ends():
    assert LANE.at(-5)[:2] == pytest.approx((121.0, 29.0))
    assert LANE.at(1e9)[:2] == pytest.approx((121.2, 29.1))
    assert LANE.at(10)[2] == pytest.approx(90, abs=0.01)
