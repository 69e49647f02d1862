"""Take readings that other programs send over HTTP."""
