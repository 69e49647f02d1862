"""Meters and what they did not count."""
