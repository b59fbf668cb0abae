"""Numerics on coordinates that several floors need: arrays in, arrays out. See README.md."""
