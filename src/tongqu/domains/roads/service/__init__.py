"""The verbs of roads."""
