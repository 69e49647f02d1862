"""The network as a graph: what is joined to what, which way water can come, what looks wrong."""
