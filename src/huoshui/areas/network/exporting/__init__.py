"""Give the network out: as EPANET model, GeoPackage or GeoJSON, of today or of a past day."""
