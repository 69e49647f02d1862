"""How far values usually stray, told by their middle ones: a few wild ones do not matter."""

MAD_TO_SIGMA = 1.4826
"""Standard deviation of a normal quantity against its median absolute deviation. [-]

1 / Phi^-1(3/4), see P. J. Huber, E. M. Ronchetti, "Robust Statistics", 2nd ed., Wiley, 2009, ch. 5.
"""
