"""Wire formats: bytes to values and back. One package per format, each usable alone as a library."""
