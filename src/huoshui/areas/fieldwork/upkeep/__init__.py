"""Maintenance that comes again, breakdowns in two jobs, and small retrofits."""
