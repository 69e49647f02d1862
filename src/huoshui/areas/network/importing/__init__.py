"""Bring a network in: read a file of any kind, name what is wrong, plan, and apply the good part.

The way of a file: `sniff` what it is, read it (`inp` line by line, `gis` through GDAL in a child
process) into one `model.ReadNetwork`, compare it with the register in `plan`, write it in `apply`.
Nothing here raises for what is in a file.
"""
