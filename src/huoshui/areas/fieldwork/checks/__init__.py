"""Rounds to plants and machines: what is looked at, on a phone, and what is not in order."""
