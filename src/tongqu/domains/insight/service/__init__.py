"""The verbs of insight."""
