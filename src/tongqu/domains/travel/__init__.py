"""Integrated travel information: feeds of public transport, places, journeys, open data."""
