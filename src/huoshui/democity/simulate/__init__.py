"""The demo city as it truly is: demand, pipes and leaks that its utility only sees by measuring.

`demand` draws what customers take, `leaks` what escapes and when, `sensors` what instruments make
of the truth, `living` runs EPANET through time. Everything follows from the seed and the moment, so
the city can be stopped and taken up again without a seam.
"""
