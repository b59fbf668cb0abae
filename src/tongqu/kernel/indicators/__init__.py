"""Indicators: figures with a definition, observations with lineage; every number opens its rows. See README.md."""

from tongqu.kernel.indicators.values import Indicator, Projection, Tables, Window

__all__ = ["Indicator", "Projection", "Tables", "Window"]
