"""An error that the running platform answered with, for the command line to print as it prints its own."""

from __future__ import annotations

from typing import Any


class RemoteProblem(Exception):
    """The platform refused; `body` is its problem+json."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(str(body.get("code")))
        self.body = body
