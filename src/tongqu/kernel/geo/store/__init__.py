"""All SQL of geo."""
