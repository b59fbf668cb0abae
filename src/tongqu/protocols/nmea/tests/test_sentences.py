"""Lines: checksums, TAG blocks, remarks behind the checksum, parts and what stands between them."""

from __future__ import annotations

import pytest

from tongqu.protocols import nmea
from tongqu.protocols.nmea.assembler import REACH, TIMEOUT_MS, Assembler
from tongqu.protocols.nmea.tests.support import groups
from tongqu.protocols.nmea.wire import Reason, checksum_of, sentence

POSITION = "!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A"
FIRST = "!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C"
SECOND = "!AIVDM,2,2,1,A,88888888880,2*25"
GPS = "$GPRMC,092211.00,A,5759.09700,N,01144.34344,E,5.257,28.27,200715,,,A*58"


def reasons(lines):
    return [group.reason for group in groups(lines)]


def test_a_sentence():
    read = nmea.parse(POSITION + "\r\n")
    assert (read.reason, read.talker, read.kind) == (None, "AI", "VDM")
    assert read.fields == ("1", "1", "", "A", "15RTgt0PAso;90TKcjM8h6g208CQ", "0")


@pytest.mark.parametrize("talker", ["AI", "AB", "BS", "AN", "SA", "--"])
def test_any_station_may_talk(talker):
    body = f"{talker}VDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0"
    assert reasons([sentence("!", body)]) == [None]


@pytest.mark.parametrize("behind", ["", "\r\n", "\\x0d\\x0a", ",d-108,S0097,t050102.00,r003669946,1325394065", "   "])
def test_what_stands_behind_the_checksum_does_no_harm(behind):
    assert reasons([POSITION + behind]) == [None]


def test_remarks_of_a_shore_station_say_when_and_who():
    (group,) = groups([POSITION + ",d-109,S2105,t050056.00,T56.13718694,r003669946,1325394060,1325394001"])
    assert (group.heard_ms, group.station) == (1325394060000, "r003669946")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (POSITION[:-1] + "B", Reason.CHECKSUM),
        (POSITION[:-3], Reason.CHECKSUM),
        (POSITION + "0", Reason.CHECKSUM),
        (POSITION.replace("15RTgt0", "15RTgt1"), Reason.CHECKSUM),
        (sentence("!", "AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ"), Reason.FIELDS),
        (sentence("!", "AIVDM,1,2,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0"), Reason.FIELDS),
        (sentence("!", "AIVDM,0,0,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0"), Reason.FIELDS),
        (sentence("!", "AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,7"), Reason.FIELDS),
        (sentence("!", "AIVDM,1,1,,A,15RT,gt0PAso,0"), Reason.FIELDS),
    ],
)
def test_a_damaged_sentence_is_refused_with_its_reason(line, reason):
    assert reasons([line]) == [reason]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("15RTgt0PAso;90TKcjM8h6g208XQ", Reason.ARMOUR),
        ("15RTgt0PAso;90TKcjM8h6g208\x7fQ", Reason.ARMOUR),
        ("15RT", Reason.SHORT),
        ("", Reason.SHORT),
        ("U5RTgt0PAso;90TKcjM8h6g208CQ", Reason.TYPE),
        ("1" * 199, Reason.LONG),
    ],
)
def test_a_payload_that_says_nothing_is_refused_with_its_reason(payload, reason):
    (group,) = groups([sentence("!", f"AIVDM,1,1,,A,{payload},0")])
    assert nmea.decode_group(group).reason is reason


def tagged(block, line=POSITION):
    return f"\\{block}*{checksum_of(block.encode()):02X}\\{line}"


def test_a_tag_block_says_when_and_who():
    (group,) = groups([tagged("g:1-2-1604,s:rORBCOMM008,c:1418169601")])
    assert (group.heard_ms, group.station) == (1418169601000, "rORBCOMM008")
    assert group.sentences[0].tag.group == (1, 2, 1604)


def test_a_tag_block_may_count_milliseconds():
    (group,) = groups([tagged("c:1418169601123")])
    assert group.heard_ms == 1418169601123


@pytest.mark.parametrize("block", ["\\c:1418169601*00\\", "\\c:1418169601\\", "\\c:1418169601*5", "\\"])
def test_a_broken_tag_block_is_refused(block):
    assert nmea.parse(block + POSITION).reason is Reason.TAG


def test_parts_with_other_instruments_between_them():
    assert reasons([FIRST, GPS, POSITION, SECOND]) == [None, None]


def test_parts_of_two_channels_do_not_mix():
    def on(channel, line):
        return sentence("!", line[1:-3].replace(",A,", f",{channel},"))

    both = groups([on("A", FIRST), on("B", FIRST), on("B", SECOND), on("A", SECOND)])
    assert [(group.reason, group.channel) for group in both] == [(None, "B"), (None, "A")]
    assert len({group.payload for group in both}) == 1


def test_own_ship_and_others_do_not_mix():
    own = [sentence("!", line[1:-3].replace("AIVDM", "AIVDO")) for line in (FIRST, SECOND)]
    found = groups([FIRST, own[0], own[1], SECOND])
    assert [(group.reason, group.own) for group in found] == [(None, True), (None, False)]


def test_a_new_first_part_takes_the_place_of_the_old():
    found = groups([FIRST, FIRST, SECOND])
    assert [(group.reason, len(group.sentences)) for group in found] == [(Reason.INCOMPLETE, 1), (None, 2)]


def test_a_part_without_the_one_before_is_refused():
    assert reasons([SECOND]) == [Reason.ORPHAN]
    assert reasons([FIRST, SECOND, SECOND]) == [None, Reason.ORPHAN]


def test_what_is_open_at_the_end_is_said():
    assert reasons([FIRST]) == [Reason.INCOMPLETE]
    message = nmea.decode_group(groups([FIRST])[0])
    assert (message.type, message.mmsi, message.ok) == (5, 351759000, False)


def test_a_part_that_waited_too_long_is_given_up():
    assembler = Assembler()
    assert assembler.feed(FIRST, 1_000) == []
    late = assembler.feed(SECOND, 1_000 + TIMEOUT_MS + 1)
    assert [group.reason for group in late] == [Reason.INCOMPLETE, Reason.ORPHAN]
    assembler.feed(FIRST, 1_000)
    assert [group.reason for group in assembler.feed(SECOND, 1_000 + TIMEOUT_MS)] == [None]


def test_without_a_clock_sentences_are_counted():
    found = groups([FIRST] + [POSITION] * (REACH + 1) + [SECOND])
    assert [group.reason for group in found if group.reason] == [Reason.INCOMPLETE, Reason.ORPHAN]
    assert groups([FIRST] + [POSITION] * (REACH - 1) + [SECOND])[-1].reason is None


def test_rmc_and_gga_of_the_own_ship():
    fix = nmea.fix_of(nmea.parse(GPS))
    assert (fix.time_ms, fix.valid) == (1437384131000, True)
    assert (fix.longitude_deg, fix.latitude_deg) == (pytest.approx(11.7390573, abs=1e-7), pytest.approx(57.98495))
    assert (fix.speed_kn, fix.course_deg) == (5.257, 28.27)
    gga = nmea.fix_of(nmea.parse("$GPGGA,092212,5759.097,N,01144.345,E,1,06,1.9,3.5,M,39.4,M,,*4C"))
    assert (gga.clock_ms, gga.day_ms, gga.valid, gga.altitude_m) == (33732000, None, True, 3.5)
    assert nmea.nearest_day_ms(gga.clock_ms, fix.time_ms) == 1437384132000


@pytest.mark.parametrize(
    "body", ["GPRMC,256161,A,,,,,,,200715", "GPRMC,092211,A,5759.0,N", "GPRMC,092211,A,,,,,,,320715"]
)
def test_a_sentence_without_time_gives_no_fix(body):
    assert nmea.fix_of(nmea.parse(sentence("$", body))) is None


def test_a_fix_without_a_place_is_a_time():
    fix = nmea.fix_of(nmea.parse(sentence("$", "GPRMC,092211,V,9959.0,N,01144.3,E,,,200715,,")))
    assert (fix.time_ms, fix.valid, fix.longitude_deg) == (1437384131000, False, None)


def test_the_time_mark_of_a_shore_station():
    assert nmea.mark_of(nmea.parse("$PGHP,1,2010,6,11,11,46,11,390,231,45,992190934,1,2B*5B")) == 1276256771390
    assert nmea.mark_of(nmea.parse(GPS)) is None
