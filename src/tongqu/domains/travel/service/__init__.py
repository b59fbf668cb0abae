"""Verbs of travel."""
