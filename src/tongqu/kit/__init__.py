"""Plain values and functions that every floor may use: no database, no web, no clock of its own."""
