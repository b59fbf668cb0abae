"""Algorithms: arrays in, arrays out, deterministic for a seed."""
