"""Subscribe to values of OPC UA servers."""
