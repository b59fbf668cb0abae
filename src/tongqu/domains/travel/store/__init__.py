"""All SQL of travel."""
