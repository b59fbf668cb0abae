"""What a process of the platform holds: settings, clock, record store, the modules, and the services of the rooms."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from tongqu.kernel.module import Module
from tongqu.kernel.store import Store
from tongqu.kit.errors import Unavailable
from tongqu.kit.time import Clock

Service = TypeVar("Service")


@dataclass(frozen=True)
class Settings:
    """Settings of an installation; app reads them from the environment and the command line.

    Attributes:
        data: folder of everything that is stored.
        database: SQLAlchemy URL of the record store.
        host: address that all sockets bind to.
        port: of page and API.
        ports: listener id to port.
        demo: whether this is the demo province.
        options: further settings of modules, by dotted name (`equipment.admission`).
    """

    data: Path
    database: str
    host: str = "127.0.0.1"
    port: int = 8080
    ports: dict[str, int] = field(default_factory=dict)
    demo: bool = False
    options: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """Folder of the segment log."""
        return self.data / "log"


@dataclass
class Platform:
    """One process's platform. Rooms put their services in by type and fetch those of lower rooms the same way."""

    settings: Settings
    clock: Clock
    store: Store
    modules: tuple[Module, ...] = ()
    _services: dict[type[Any], Any] = field(default_factory=dict)

    def provide(self, service: object, kind: type[Any] | None = None) -> None:
        self._services[kind or type(service)] = service

    def service(self, kind: type[Service]) -> Service:
        """The service of a kind.

        Raises:
            Unavailable: `kernel.no_service`: this process does not have it.
        """
        found = self._services.get(kind)
        if found is None:
            raise Unavailable("kernel.no_service", service=kind.__name__)
        return cast(Service, found)

    def has(self, kind: type[Any]) -> bool:
        return kind in self._services

    def close(self) -> None:
        """Stop the services in the opposite order of their coming, then the record store."""
        for service in reversed(list(self._services.values())):
            stop = getattr(service, "stop", None)
            if callable(stop):
                stop()
        self._services.clear()
        self.store.close()

    def module(self, module_id: str) -> Module | None:
        return next((module for module in self.modules if module.id == module_id), None)
