"""Tongqu 通衢: an open smart-transport platform on four floors (kit, kernel beside engines and protocols, domains, app)."""

__version__ = "0.1.0"
