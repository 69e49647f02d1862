"""Time series: what a regular series of values is expected to do next."""
