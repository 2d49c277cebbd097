"""What pictures are like before one is looked at: how much planes vary, by cell size.

`python -m bench.learn.prior` fits these numbers again on the photos of `bench/learn/CREDITS.md`.
What the rules of an earlier version of drawings had is kept beside them (`drawing.py`).
"""

# Variance of cell means about the picture's mean, in squared grey levels, for cells of 1, 2, 4, ...
# 1024 pixels a side: of luma (grey and R, G, B too), of g and of o.
SIGNAL = {
    "luma": (2244, 2224, 2192, 2151, 2094, 2008, 1878, 1689, 1443, 1142, 699),
    "g": (187, 187, 186, 184, 181, 176, 168, 156, 138, 110, 70),
    "o": (790, 789, 786, 780, 769, 749, 718, 669, 600, 487, 247),
}
# The same about what a box's rim says of its inside; by version.  Root mean square over boxes,
# which a few of them decide; from version 3 on the square of the mean deviation: what a rim tells
# is mostly close, and a box of which nothing is measured well is better left at it.
INSIDE = {
    1: {"luma": 650, "g": 45, "o": 180},
    2: {"luma": 552, "g": 70, "o": 220},
    3: {"luma": 141, "g": 6, "o": 25},
}
# Mean of a picture's mean, and its variance; colours vary about none; by version.
MIDDLE = {
    1: {"luma": (115, 1255), "g": (0, 232), "o": (0, 1082)},
    2: {"luma": (115, 1255), "g": (0, 234), "o": (0, 1080)},
}
MIDDLE[3] = MIDDLE[2]
# Share of the noise's variance that total variation leaves of a wide grid.
LEFT = {"luma": 0.02, "g": 0.03, "o": 0.03}
# Of a picture's planes, and of islands': a weight 1 - x becomes 1 - x**2 / (x + s (1 - x)),
# s = SOFT / 4096.  To leave alone what is nearly known costs no more than x of the noise, and flat
# areas keep their shade.
SOFT = {1: 0, 2: 128, 3: 128}
