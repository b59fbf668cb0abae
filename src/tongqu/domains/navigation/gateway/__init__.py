"""The listeners of AIS: sockets, lines to groups, who is heard for the first time, what goes into the log."""
