"""Pages of hotline."""
