"""Conversions between the units of files, tags and pages and the laboratory's SI.

Each is exact by definition, so no source but the definitions of SI and of the international
foot and the U.S. gallon (NIST SP 811, 2008, app. B).
"""

M3S_PER_M3H = 1 / 3600
M3S_PER_LPS = 1e-3
M3S_PER_LH = 1e-3 / 3600
M_PER_FOOT = 0.3048
M3_PER_FOOT3 = M_PER_FOOT**3
M3_PER_US_GALLON = 3.785411784e-3
M3_PER_IMPERIAL_GALLON = 4.54609e-3
M3_PER_ACRE_FOOT = 43560 * M3_PER_FOOT3
S_PER_HOUR = 3600
S_PER_DAY = 86400
