"""The table of alarms. `key` is rule, subject and onset: one alarm for each."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Float, Index, Integer, String, Text, UniqueConstraint

from tongqu.kernel.store import Personal, Retention, Scope, column, metadata, table

METADATA = metadata()
KEPT_DAYS = 3 * 365

ALARM = table(
    "alarms_alarm",
    METADATA,
    column("id", Integer, primary_key=True, autoincrement=True),
    column("rule", String(60)),
    column("subject", String(140)),
    column("subject_name", String(120)),
    column("severity", Integer),
    column("cause", String(40)),
    column("incident", String(80)),
    column("state", String(10)),
    column("onset_ms", BigInteger),
    column("raised_ms", BigInteger),
    column("cleared_ms", BigInteger, nullable=True),
    column("recorded_ms", BigInteger),
    column("live", Boolean),
    column("standing", Boolean),
    column("lon", Float, personal=Personal.TRACK),
    column("lat", Float, personal=Personal.TRACK),
    column("region", String(12)),
    column("organisation", String(60), nullable=True),
    column("home_region", String(12), nullable=True),
    column("place", JSON),
    column("values", JSON),
    column("evidence", JSON),
    column("acknowledged_ms", BigInteger, nullable=True),
    column("acknowledged_by", String(60)),
    column("acknowledged_name", String(200), personal=Personal.NAME),
    column("note", Text),
    column("revision", BigInteger),
    UniqueConstraint("rule", "subject", "onset_ms"),
    Index("ix_alarms_alarm_revision", "revision"),
    Index("ix_alarms_alarm_state_onset_ms", "state", "onset_ms"),
    Index("ix_alarms_alarm_cause_onset_ms", "cause", "onset_ms"),
    Index("ix_alarms_alarm_onset_ms", "onset_ms"),
    Index("ix_alarms_alarm_subject_onset_ms", "subject", "onset_ms"),
    scope=Scope(read="alarms.read", organisation="organisation", region="home_region", presence="region"),
    retention=Retention(days=KEPT_DAYS),
)
"""`region` is where it began (presence), `home_region` and `organisation` are its subject's."""
