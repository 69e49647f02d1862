"""Everything that may be done at the hotline, one function each."""
