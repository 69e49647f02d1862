"""Waves of trouble: declared, shown on the wall, reported by the hour, looked back on."""
