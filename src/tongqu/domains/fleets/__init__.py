"""The registry of road transport: enterprises, vehicles by plate and colour, drivers. See README.md."""
