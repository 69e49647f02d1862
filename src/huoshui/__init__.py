"""Huoshui 活水: one platform for a whole city water group."""

__version__ = "0.1.0"
