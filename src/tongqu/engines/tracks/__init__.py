"""Tracks of many things at once: ways, speeds, stops and trips of fixes, as arrays. See README.md."""

from tongqu.engines.tracks.fixes import Fixes, pack
from tongqu.engines.tracks.stops import Stops, find_stops
from tongqu.engines.tracks.trips import Trips, find_trips
from tongqu.engines.tracks.ways import Ways, measure

__all__ = ["Fixes", "Stops", "Trips", "Ways", "find_stops", "find_trips", "measure", "pack"]
