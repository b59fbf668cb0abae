"""Durable queue and timers: progress, cancel, logs, time and memory limits, worker processes. See README.md."""

from tongqu.kernel.jobs.context import Cancelled, JobContext
from tongqu.kernel.jobs.kinds import JobKind, Result, Schedule
from tongqu.kernel.jobs.service import cancel, get, submit, submitted

__all__ = ["Cancelled", "JobContext", "JobKind", "Result", "Schedule", "cancel", "get", "submit", "submitted"]
