"""Who may use a way, in which direction, and how fast: the tags of OpenStreetMap as tables.

Sources: the pages of the keys `highway`, `access`, `oneway`, `barrier` and `maxspeed` in the OpenStreetMap wiki.
"""

from __future__ import annotations

from dataclasses import dataclass

from tongqu.protocols.osm import Tags

# who may pass: a pair of bits each, with and against the direction in which the way was drawn
WALK, CYCLE, DRIVE = 1, 4, 16
BOTH = 3  # times one of them
# what an edge or a node is
STEPS, UNEVEN, DISMOUNT, ROUNDABOUT, BRIDGE, TUNNEL, FERRY, LIFT = (1 << k for k in range(8))
STEP_FREE_BLOCK = 8  # in the masks of nodes, beside WALK, CYCLE and DRIVE (as 1, 2, 4)
NODE_BIT = {"walk": 1, "cycle": 2, "drive": 4}


@dataclass(frozen=True)
class Kind:
    """What a value of `highway` means when no other tag says more: modes by letter, and the usual speed in km/h."""

    modes: str
    speed_kmh: float = 0.0


# w walk, c cycle, d drive
KINDS: dict[str, Kind] = {
    "motorway": Kind("d", 110), "motorway_link": Kind("d", 60),
    "trunk": Kind("wcd", 80), "trunk_link": Kind("wcd", 50),
    "primary": Kind("wcd", 60), "primary_link": Kind("wcd", 40),
    "secondary": Kind("wcd", 50), "secondary_link": Kind("wcd", 40),
    "tertiary": Kind("wcd", 40), "tertiary_link": Kind("wcd", 30),
    "unclassified": Kind("wcd", 40), "residential": Kind("wcd", 30), "road": Kind("wcd", 30),
    "living_street": Kind("wcd", 10), "service": Kind("wcd", 15), "track": Kind("wc", 15),
    "pedestrian": Kind("w"), "footway": Kind("w"), "path": Kind("wc"), "bridleway": Kind("w"),
    "cycleway": Kind("wc"), "steps": Kind("w"), "corridor": Kind("w"), "platform": Kind("w"),
    "elevator": Kind("w"), "rest_area": Kind("wcd", 20), "services": Kind("wcd", 20), "busway": Kind(""),
}  # fmt: skip
KIND_NAMES = (*KINDS, "ferry")
KIND_INDEX = {name: index for index, name in enumerate(KIND_NAMES)}

# from the general to the special: the last tag that is there decides
HIERARCHY = {
    "walk": ("access", "foot"),
    "cycle": ("access", "vehicle", "bicycle"),
    "drive": ("access", "vehicle", "motor_vehicle", "motorcar"),
}
NO = frozenset({"no", "private", "use_sidepath", "agricultural", "forestry", "military", "emergency", "bus", "psv"})
YES = frozenset({
    "yes", "designated", "permissive", "destination", "customers", "delivery", "official", "public", "dismount",
    "permit",
})  # fmt: skip
ONEWAY_WITH = frozenset({"yes", "true", "1"})
ONEWAY_AGAINST = frozenset({"-1", "reverse"})
ROUGH = frozenset({"very_bad", "horrible", "very_horrible", "impassable"})
MPH_KMH = 1.609344
SPEED_WORDS = {"walk": 7.0, "none": 120.0, "urban": 50.0, "rural": 80.0, "motorway": 120.0}

# barriers on a node: modes that cannot pass unless a tag of access says they may
BARRIERS: dict[str, str] = {
    "bollard": "d", "block": "d", "chain": "d", "log": "d", "jersey_barrier": "d", "cycle_barrier": "ds",
    "motorcycle_barrier": "d", "planter": "d", "sump_buster": "d", "debris": "d", "bus_trap": "d",
    "turnstile": "cds", "full-height_turnstile": "cds", "kissing_gate": "cds", "stile": "cds", "step": "cds",
    "swing_gate": "d", "hampshire_gate": "d", "wall": "wcds", "fence": "wcds", "hedge": "wcds", "horse_stile": "cds",
}  # fmt: skip


@dataclass(frozen=True)
class Use:
    """What the tags of one way say. `access` is 0 where nobody may go."""

    access: int
    flags: int = 0
    kind: int = 0
    speed_kmh: float = 0.0
    fixed_s: float = -1.0


NOBODY = Use(0)


def use_of(tags: Tags) -> Use:
    """Access, flags, usual speed and fixed duration of a way."""
    highway = tags.get("highway", "")
    if tags.get("route") == "ferry":
        return _ferry(tags)
    if highway not in KINDS and (tags.get("railway") == "platform" or tags.get("public_transport") == "platform"):
        highway = "platform"
    kind = KINDS.get(highway)
    if kind is None or tags.get("impassable") == "yes":
        return NOBODY
    modes = kind.modes.replace("w", "").replace("c", "") if tags.get("motorroad") == "yes" else kind.modes
    access = 0
    for mode, bit in (("walk", WALK), ("cycle", CYCLE), ("drive", DRIVE)):
        if _allowed(tags, mode, mode[0] in modes):
            access |= bit * _directions(tags, mode, highway)
    if tags.get("sidewalk") in ("separate", "use_sidepath") and "foot" not in tags:
        access &= ~(WALK * BOTH)
    return Use(access, _flags(tags, highway), KIND_INDEX[highway], speed_kmh(tags, kind.speed_kmh))


def _allowed(tags: Tags, mode: str, usual: bool) -> bool:
    allowed = usual
    for key in HIERARCHY[mode]:
        value = tags.get(key, "").partition(";")[0]
        if value in NO:
            allowed = False
        elif value in YES and (usual or key == HIERARCHY[mode][-1] or key == "motor_vehicle"):
            allowed = True  # a general yes does not open a footway to cars
    return allowed


def _directions(tags: Tags, mode: str, highway: str) -> int:
    """1 with the way, 2 against it, 3 both."""
    if mode == "walk":
        oneway = tags.get("oneway:foot", tags.get("oneway", "no") if highway in ("steps", "corridor") else "no")
    else:
        oneway = tags.get("oneway", "")
        if not oneway and (tags.get("junction") in ("roundabout", "circular") or highway == "motorway"):
            oneway = "yes"
        if mode == "cycle":
            lanes = (tags.get(key, "") for key in ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both"))
            if any(lane.startswith("opposite") for lane in lanes):
                oneway = "no"
            oneway = tags.get("oneway:bicycle", oneway)
    if oneway in ONEWAY_WITH:
        return 1
    if oneway in ONEWAY_AGAINST:
        return 2
    return 0 if oneway == "reversible" else BOTH


def _flags(tags: Tags, highway: str) -> int:
    flags = 0
    if highway == "steps":
        flags |= STEPS
    if highway == "elevator":
        flags |= LIFT
    # wheelchair=yes on steps means a lift or ramp of their own; a ramp for prams alone does not
    ramp = tags.get("ramp:wheelchair") == "yes" or tags.get("wheelchair") == "yes"
    if (highway == "steps" and not ramp) or tags.get("wheelchair") == "no" or tags.get("smoothness") in ROUGH:
        flags |= UNEVEN
    if tags.get("bicycle") == "dismount":
        flags |= DISMOUNT
    if tags.get("junction") in ("roundabout", "circular"):
        flags |= ROUNDABOUT
    if tags.get("bridge", "no") != "no":
        flags |= BRIDGE
    if tags.get("tunnel", "no") != "no":
        flags |= TUNNEL
    return flags


def speed_kmh(tags: Tags, usual: float) -> float:
    """The posted limit in km/h where one can be read, else the usual speed of the class."""
    for key in ("maxspeed:forward", "maxspeed"):
        text = tags.get(key, "").partition(";")[0].strip()
        number, _, unit = text.partition(" ")
        if number.replace(".", "", 1).isdigit():
            return max(float(number) * (MPH_KMH if unit == "mph" or text.endswith("mph") else 1.0), 5.0)
        word = text.rpartition(":")[2]
        if word in SPEED_WORDS:
            return SPEED_WORDS[word]
    return usual


def _ferry(tags: Tags) -> Use:
    access = 0
    for mode, bit, usual in (("walk", WALK, True), ("cycle", CYCLE, True), ("drive", DRIVE, False)):
        if _allowed(tags, mode, usual):
            access |= bit * _directions(tags, "drive", "ferry")
    return Use(access, FERRY, KIND_INDEX["ferry"], 12.0, duration_s(tags.get("duration", "")))


def duration_s(text: str) -> float:
    """Seconds of `H:MM`, `H:MM:SS` or minutes; -1 where it says nothing."""
    parts = text.split(":")
    if not text or not all(part.strip().isdigit() for part in parts) or len(parts) > 3:
        return -1.0
    numbers = [int(part) for part in parts]
    if len(numbers) == 1:
        return numbers[0] * 60.0
    return numbers[0] * 3600.0 + numbers[1] * 60.0 + (numbers[2] if len(numbers) == 3 else 0)


def block_of(tags: Tags) -> int:
    """Who cannot pass a node: bits 1 walk, 2 cycle, 4 drive, 8 step-free."""
    blocked = set(BARRIERS.get(tags.get("barrier", ""), ""))
    if tags.get("kerb") == "raised" or (tags.get("barrier") == "kerb" and tags.get("kerb") not in ("flush", "lowered")):
        blocked.add("s")
    if tags.get("wheelchair") == "no":
        blocked.add("s")
    if tags.get("wheelchair") in ("yes", "limited"):
        blocked.discard("s")
    if "barrier" in tags or "access" in tags:
        for mode, letter in (("walk", "w"), ("cycle", "c"), ("drive", "d")):
            if _allowed(tags, mode, letter not in blocked):
                blocked.discard(letter)
            else:
                blocked.add(letter)
    return sum(bit for letter, bit in (("w", 1), ("c", 2), ("d", 4), ("s", STEP_FREE_BLOCK)) if letter in blocked)
