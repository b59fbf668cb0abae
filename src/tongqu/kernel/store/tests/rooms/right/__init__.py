"""A room of the tests of migrations: right."""
