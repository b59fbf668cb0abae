"""Terminals without hardware: N of them in one process, against any JT/T 808 platform, over real sockets."""
