"""Mimic pages: drawings whose parts are bound to points."""
