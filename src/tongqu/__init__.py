"""Tongqu 通衢: an open smart-transport platform on four floors, as ARCHITECTURE.md draws them."""

__version__ = "0.1.0"
