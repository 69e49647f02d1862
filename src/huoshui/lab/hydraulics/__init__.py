"""Pressurised flow: head loss of a pipe, and EPANET as the reference engine of a whole network."""
