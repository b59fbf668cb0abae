"""The demo province 澜江省（虚构）as plain values from a seed and a scale. See README.md."""
