"""The demo province: its world (made once and kept), its records, its accounts."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

import tongqu
from tongqu.app import accounts
from tongqu.kernel import identity
from tongqu.kernel.platform import Platform, Settings
from tongqu.kernel.store import system_actor
from tongqu.kit.world import world as world_module

DEFAULT_SEED = 7


def demo_options(seed: int, scale: float) -> dict[str, str]:
    return {"demo.seed": str(seed), "demo.scale": str(scale)}


def load_world(settings: Settings, say: Callable[[str], None] = lambda _: None) -> Any:
    """The world of these settings: from the data folder if it was made before by this version, else made and kept."""
    seed, scale = int(settings.options["demo.seed"]), float(settings.options["demo.scale"])
    kept = settings.data / f"world-{seed}-{scale:g}-{tongqu.__version__}-{_code_stamp()}.pickle"
    if kept.is_file():
        return pickle.loads(kept.read_bytes())
    say("world")
    world = world_module.make(seed=seed, scale=scale)
    draft = kept.with_suffix(".new")
    draft.write_bytes(pickle.dumps(world, protocol=5))
    draft.chmod(0o600)
    draft.replace(kept)
    return world


def _code_stamp() -> str:
    """Changes when the code that makes the world changes, so that a checkout never shows an old world."""
    import hashlib

    digest = hashlib.sha256()
    for source in sorted(Path(str(world_module.__file__)).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:8]


def is_filled(settings: Settings) -> bool:
    return logins_file(settings).is_file()


def logins_file(settings: Settings) -> Path:
    return settings.data / "demo-logins.json"


def fill(platform: Platform, world: Any, say: Callable[[str, int, int], None]) -> list[dict[str, str]]:
    """Make the records of the demo: what each module brings, then the accounts.

    The file of logins is written last: an interrupted filling is begun anew on an empty store by the caller.
    """
    demos = sorted((m for m in platform.modules if m.demo and m.demo.fill), key=lambda m: m.demo.order)
    with platform.store.write(system_actor("demo")) as work:
        identity.sync_roles(work, platform.modules)
    for number, module in enumerate(demos):
        say(module.id, number, len(demos) + 1)
        module.demo.fill(platform, world)
    say("accounts", len(demos), len(demos) + 1)
    logins = accounts.demo_accounts(platform)
    target = logins_file(platform.settings)
    draft = target.with_suffix(".new")
    draft.write_bytes(orjson.dumps(logins, option=orjson.OPT_INDENT_2))
    draft.chmod(0o600)
    draft.replace(target)
    return logins


def read_logins(settings: Settings) -> list[dict[str, str]]:
    return list(orjson.loads(logins_file(settings).read_bytes()))
