"""Whole files: recognised, loaded by whoever declares their kind, reported. `tongqu load` and the page's upload."""
