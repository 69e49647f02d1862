"""Worlds to learn, test and show with; never imported by the product."""
