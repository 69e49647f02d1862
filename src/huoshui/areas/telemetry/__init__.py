"""Points, readings, quality flags and alarms. See README.md in this folder."""
