"""Pages, API and tiles of the network."""
