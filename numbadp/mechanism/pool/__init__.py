"""Pools: exact sums over many pictures, and the noise that they are released with.

Statement.  `Pool` and `noisy_counts` release noisy integers alone, and keep the guarantee that they
  state for one unit (pool.py, counts.py).
Proof sketch.
  (1) See planning.py for costs, drawing.py for noise, gauss.py and cube.py for the laws.
Assumes.  What those modules assume (step 1).
Tested by tests/mechanism/pool/test_pool.py
"""

# Step 1: both take their laws from planning.py and their noise from drawing.py.
from numbadp.mechanism.pool.counts import noisy_counts
from numbadp.mechanism.pool.pool import Pool

__all__ = ["Pool", "noisy_counts"]
