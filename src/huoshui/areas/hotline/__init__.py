"""Hotline: the register of calls."""
