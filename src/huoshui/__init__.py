"""Huoshui 活水: one platform for a whole city water group."""
