"""Telemetry: typed streams with a durable front door, latest value, history, live view, quarantine. See README.md."""

from tongqu.kernel.telemetry.commit import GroupCommit
from tongqu.kernel.telemetry.log import LogWriter
from tongqu.kernel.telemetry.stream import Stream

__all__ = ["GroupCommit", "LogWriter", "Stream"]
