"""What the command line prints for lines."""

from __future__ import annotations

import json

import pytest

from tongqu.protocols.nmea.cli import FORMATS, decode_line, decode_lines

POSITION = "!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A"
FIRST = "!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C"
SECOND = "!AIVDM,2,2,1,A,88888888880,2*25"
GPS = "$GPRMC,092211.00,A,5759.09700,N,01144.34344,E,5.257,28.27,200715,,,A*58"
BASE = "!AIVDM,1,1,,A,403OviQuMGCqWrRO9>E6fE700@GO,0*4D"


def test_a_position():
    answer = decode_line(POSITION)
    assert (answer["ok"], answer["reason"], answer["type"], answer["mmsi"]) == (True, None, 1, 371798000)
    assert (answer["speed_kn"], answer["turn_deg_min"], answer["heading_deg"]) == (12.3, "left_fast", 215)
    assert answer["sentences"] == [POSITION]
    assert "explain" not in answer
    json.dumps(answer)


def test_one_object_a_group():
    answers = list(decode_lines([FIRST, GPS, "# a remark", "", SECOND]))
    assert [(answer["type"], answer["name"], len(answer["sentences"])) for answer in answers] == [(5, "EVER DIADEM", 2)]


def test_other_sentences_are_shown_where_they_are_asked_for():
    assert FORMATS == ("ais", "nmea")
    (answer,) = decode_lines([GPS], name="nmea")
    assert (answer["ok"], answer["sentence"], answer["type"], answer["mmsi"]) == (True, "RMC", None, None)
    assert answer["fix"]["utc"] == "2015-07-20T09:22:11.000+00:00"


@pytest.mark.parametrize(
    ("line", "reason"),
    [(POSITION[:-1] + "0", "checksum"), ("hello", "sentence"), (FIRST, "incomplete"), (SECOND, "orphan")],
)
def test_refused_lines_are_printed_too(line, reason):
    (answer,) = decode_lines([line])
    assert (answer["ok"], answer["reason"], answer["sentences"]) == (False, reason, [line])
    assert "type" in answer
    assert "mmsi" in answer


def test_a_base_station_says_its_time():
    assert decode_line(BASE)["utc"] == "2007-05-14T19:57:39.000+00:00"


def test_explained_rows_have_their_words_in_both_languages():
    rows = decode_line(POSITION, explain=True)["explain"]
    speed = next(row for row in rows if row["path"] == "speed_kn")
    assert (speed["label"]["zh"], speed["unit"], speed["offset"], speed["length"]) == ("对地航速", "kn", 50, 10)
