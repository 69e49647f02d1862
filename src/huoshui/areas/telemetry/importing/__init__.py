"""Bringing in points and readings from files that other programs made."""
