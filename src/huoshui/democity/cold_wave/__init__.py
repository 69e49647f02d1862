"""A cold wave, as a script and as people who live through it in the real parts of the product.

`script` is written from a seed and knows nothing of the product; `truth` counts what it says.
`town` brings its people into the registers, `players` do what telephone, agents, dispatchers, crews
and store keepers do, `stage` lets things happen in the order of their moments.
"""
