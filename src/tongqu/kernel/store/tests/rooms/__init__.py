"""Rooms with migrations, for the tests of the store."""
