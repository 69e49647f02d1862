"""One folder per protocol or vendor; the only way measurements come in."""
