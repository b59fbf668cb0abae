"""Terminals on vehicles: registry, gateway for JT/T 808 over TCP, commands, and a simulator. See README.md."""
