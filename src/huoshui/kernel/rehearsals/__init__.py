"""Rehearsals: a hard day played in the demo, started and watched on a page, people taking part.

Whoever plays one (the process of the demo city) offers it, asks what is wanted of it, and tells how
it goes. The page and the player meet in one row.
"""
