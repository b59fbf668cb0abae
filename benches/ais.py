"""Speed of the AIS decoder beside pyais and libais, on the same sentences in the same run.

The sentences are those of two logs (a yacht in the Hakefjord, the Danish shore network), repeated. "Position types" are
the single sentences of types 1, 2, 3, 9, 18 and 27; "all types" are the AIS sentences of both logs as they came, parts
of messages included. Rates are sentences per second of processor time of one thread. Ours checks checksums, puts parts
together and gives columns of every field of every type; pyais does so too, but gives objects; libais is given payloads
that were put together before, and reads the contents of some binary messages, which we and pyais leave as bytes. Before
anything is timed a sample of every type is compared with both. The peers run in an environment of their own.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import peers
from bench import Row, repeat, report

from tongqu.protocols import nmea
from tongqu.protocols.nmea import bulk
from tongqu.protocols.nmea.bulk_tables import GROUPS

LOGS = ("hakefjord_2015-07-20.nmea.gz", "dma_aislib_stream_example.nmea.gz")
MANY = 1_000_000  # sentences in the buffer of the bulk path
FEW = 20_000  # sentences that the peers are timed on
PEERS = ("pyais==3.3.1", "libais==0.17", "setuptools==80.9.0")

PROGRAM = """
import json, sys, time
sample, payloads, lines = (json.loads(open(name).read()) for name in sys.argv[1:4])
import ais
from pyais import decode
from pyais.stream import IterMessages
def libais():
    for payload, fill in payloads:
        try: ais.decode(payload, fill)
        except ais.DecodeError: pass
def pyais():
    for message in IterMessages([line.encode() for line in lines]):
        try: message.decode()
        except Exception: pass
def rate(work, units):
    start = time.process_time(); work(); return units / (time.process_time() - start)
said = []
for parts, payload, fill in sample:
    a = decode(*parts).asdict()
    try: b = ais.decode(payload, fill)
    except ais.DecodeError: b = {}
    said.append([{k: v for k, v in d.items() if isinstance(v, (int, float, str))} for d in (a, b)])
print(json.dumps({"said": said, "libais": [rate(libais, len(lines)) for _ in range(3)],
                  "pyais": [rate(pyais, len(lines)) for _ in range(3)]}))
"""
PYAIS = {
    "speed": "speed_kn", "lon": "longitude_deg", "lat": "latitude_deg", "course": "course_deg",
    "heading": "heading_deg", "second": "second", "shipname": "name", "callsign": "call_sign",
    "imo": "imo",
    "to_bow": "to_bow_m", "to_stern": "to_stern_m", "draught": "draught_m", "destination": "destination",
    "name": "name", "aid_type": "aid_type",
}  # fmt: skip
LIBAIS = {
    "sog": "speed_kn", "x": "longitude_deg", "y": "latitude_deg", "cog": "course_deg", "true_heading": "heading_deg",
    "timestamp": "second", "callsign": "call_sign", "imo_num": "imo", "dim_a": "to_bow_m", "dim_b": "to_stern_m",
    "draught": "draught_m", "aton_type": "aid_type", "type_and_cargo": "ship_type",
}  # fmt: skip
# what a peer says where a value is not available
ABSENT = {"speed_kn": 102.3, "longitude_deg": 181, "latitude_deg": 91, "course_deg": 360, "heading_deg": 511,
          "second": 60, "imo": 0, "draught_m": 0}  # fmt: skip


def folder() -> Path:
    """Where the test data lies."""
    root = os.environ.get("TONGQU_TEST_DATA")
    return (Path(root) if root else Path(__file__).resolve().parents[2] / "shared" / "data") / "ports" / "ais"


def groups() -> list[nmea.Group]:
    """The messages of both logs, in order."""
    found: list[nmea.Group] = []
    for name in LOGS:
        assembler = nmea.Assembler()
        for line in gzip.decompress((folder() / name).read_bytes()).decode("ascii").splitlines():
            found += [group for group in assembler.feed(line) if group.sentences[0].ais and group.reason is None]
    return found


def compare(sample: list[nmea.Group], said: list[list[dict]]) -> int:
    """Values that we and a peer both have must be the same, or nothing here means anything; how many were."""
    rows = fast_rows(sample)
    compared = 0
    for group, row, both in zip(sample, rows, said, strict=True):
        if row["type"] in (6, 8, 17):
            continue  # the contents of these stay bytes with us; the place of type 17 is in minutes with them
        for theirs, names in zip(both, (PYAIS, LIBAIS), strict=True):
            for key, name in names.items():
                if key in theirs and name in row and not (name == "second" and "year" in row):
                    if not same(row[name], theirs[key], name, 4.0 if row.get("type") == 27 else 1.0):
                        raise SystemExit(f"{group.lines}: {name} is {row[name]!r}, a peer says {theirs[key]!r}")
                    compared += 1
    return compared


def fast_rows(sample: list[nmea.Group]) -> list[dict]:
    """What the bulk path says of each message of the sample."""
    rows = []
    for group in sample:
        read = bulk.decode_buffer("\n".join(group.lines).encode())
        table = next((table for table in read.tables.values() if len(table)), None)
        rows.append({} if table is None else {name: column[0].item() for name, column in table.columns.items()})
    return rows


def same(ours, theirs, name: str, scale: float) -> bool:
    if ours == -1 or (isinstance(ours, float) and math.isnan(ours)):
        absent = ABSENT.get(name, -1)
        return isinstance(theirs, str) or any(
            abs(float(theirs) - raw) < 1e-3 for raw in (absent, absent * 10, absent + 1)
        )
    if isinstance(ours, bytes):
        return ours.decode() == str(theirs).partition("@")[0].rstrip()
    return math.isclose(ours, float(theirs), abs_tol=2e-5 * scale)


def sample_of(found: list[nmea.Group]) -> list[nmea.Group]:
    """Up to 200 messages of each type."""
    taken: dict[int, list[nmea.Group]] = {}
    for group in found:
        kind = nmea.decode_group(group).type
        if len(taken.setdefault(kind, [])) < 200:
            taken[kind].append(group)
    return [group for kind in sorted(taken) for group in taken[kind]]


def rate(lines: list[str]) -> list[float]:
    """Sentences per second of the bulk path over the lines, repeated."""
    times = max(1, MANY // len(lines))
    buffer = ("\n".join(lines) + "\n").encode("ascii") * times
    bulk.decode_buffer(buffer[:10_000])

    def once() -> float:
        start = time.process_time()
        bulk.decode_buffer(buffer)
        return len(lines) * times / (time.process_time() - start)

    return repeat(once)


def beside(found: list[nmea.Group], lines: list[str]) -> dict:
    """What the peers say of the sample and how fast they are."""
    sample = sample_of(found)
    python = peers.environment(*PEERS)
    payloads = [(group.payload, group.fill) for group in found]
    told = [(list(group.lines), group.payload, group.fill) for group in sample]
    with tempfile.TemporaryDirectory() as work:
        names = []
        for name, value in (("sample", told), ("payloads", payloads), ("lines", lines)):
            names.append(str(Path(work) / name))
            Path(names[-1]).write_text(json.dumps(value), encoding="utf-8")
        done = subprocess.run([python, "-I", "-c", PROGRAM, *names], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    answer = json.loads(done.stdout.splitlines()[-1])
    print(
        f"compared: {compare(sample, answer['said']):,} values of {len(sample):,} messages are the same as the peers'\n"
    )
    return answer


def main() -> int:
    found = groups()
    lines = [line for group in found for line in group.lines]
    positions = [group.lines[0] for group in found if nmea.decode_group(group).type in GROUPS["positions"]]
    try:
        answer = beside(found, lines)
    except peers.NotToBeHad as why:
        print(f"no peers: {why}\n")
        answer = None
    alone, columns = rate(positions), rate(lines)
    rows = [
        Row("position types, bulk", 2_000_000, alone, "sentences/s"),
        Row("all types, bulk", None, columns, "sentences/s"),
    ]
    if answer is not None:
        for name, factor in (("pyais", 40), ("libais", 4)):
            peer = sorted(answer[name])[1]
            ratio = [value / peer for value in columns]
            rows.append(Row(f"all types, over {name}", factor, ratio, "x", peer=(f"{name} sentences/s", peer)))
    return report(rows, data=f"{len(lines):,} AIS sentences of two logs, repeated", peer=", ".join(PEERS[:2]))


if __name__ == "__main__":
    sys.exit(main())
