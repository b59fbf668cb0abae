"""Stakes as people write them: what is read is what was written, and what is no stake is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.kernel.geo.stakes import Stake, StakeText, format_place, format_stake, parse_place, parse_stake
from tongqu.kit.errors import Invalid
from tongqu.kit.text import register

register("geo", "tongqu.kernel.geo")


@pytest.mark.parametrize(
    ("given", "stake"),
    [
        ("K12+345.6", Stake(12_345.6)),
        ("k0+005", Stake(5.0)),
        ("K12", Stake(12_000.0)),
        ("K 12 + 345", Stake(12_345.0)),
        ("Ｋ１２＋３４５．６", Stake(12_345.6)),
        ("AK0+100", Stake(100.0, "A")),
        ("ZK12+345", Stake(12_345.0, "Z")),
        ("K10+000B", Stake(10_000.0, "", "B")),
        ("K1234+999.9999", Stake(1_234_999.9999)),
    ],
)
def test_stakes_are_read(given: str, stake: Stake) -> None:
    assert parse_stake(given) == stake


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("X101 K3+200", StakeText(Stake(3_200.0), "X101")),
        ("X101K3+200", StakeText(Stake(3_200.0), "X101")),
        ("Ｘ１０１　Ｋ３＋２００", StakeText(Stake(3_200.0), "X101")),
        ("X101 (990303) K3+200", StakeText(Stake(3_200.0), "X101", "990303")),
        ("X101 990303 K3+200", StakeText(Stake(3_200.0), "X101", "990303")),
        ("G9901 K45+200 下行", StakeText(Stake(45_200.0), "G9901", None, "down")),
        ("G9901澜望高速K45+200上行", StakeText(Stake(45_200.0), "G9901", None, "up")),
        ("G9901 K45+200 down", StakeText(Stake(45_200.0), "G9901", None, "down")),
        ("G9901 ZK45+200", StakeText(Stake(45_200.0, "Z"), "G9901", None, "down")),
        ("YK45+200", StakeText(Stake(45_200.0, "Y"), None, None, "up")),
        ("S901AK0+100", StakeText(Stake(100.0, "A"), "S901")),
        ("BR-116 K12+345", StakeText(Stake(12_345.0), "BR-116")),
    ],
)
def test_places_are_read(given: str, place: StakeText) -> None:
    assert parse_place(given) == place


@pytest.mark.parametrize("given", ["", "K", "12+345", "K-1+000", "K12+", "K12+34x", "X101", "K12+345+1", "K123456+1"])
def test_what_is_no_stake_is_refused(given: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_place(given)
    assert refused.value.code == "geo.bad_stake"


def test_metres_of_a_thousand_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        parse_stake("K12+1345")
    assert refused.value.code == "geo.stake_metres"


@given(st.integers(0, 99_999_999), st.sampled_from(["", "A", "Z", "AB"]), st.sampled_from(["", "A", "B"]))
def test_what_is_written_is_read_again(decimetres: int, prefix: str, branch: str) -> None:
    stake = Stake(decimetres / 10, prefix, branch)
    assert parse_stake(format_stake(stake.stake_m, prefix, branch, decimals=1)) == stake


def test_rounding_carries_into_the_kilometre() -> None:
    assert format_stake(12_999.6) == "K13+000"
    assert format_stake(5.04, decimals=1) == "K0+005.0"


def test_a_place_is_written_in_both_languages() -> None:
    assert format_place("G9901", "K45+200", "down") == "G9901 K45+200 下行"
    assert format_place("G9901", "K45+200", "up", "en") == "G9901 K45+200 up"
    assert format_place("X101", "K3+200", "both") == "X101 K3+200"
