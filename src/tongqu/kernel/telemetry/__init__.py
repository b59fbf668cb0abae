"""Telemetry: typed streams with a durable front door, latest value, history, live view and quarantine. See README.md."""
