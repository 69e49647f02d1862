"""Pages, API, live streams and map layers of telemetry."""
