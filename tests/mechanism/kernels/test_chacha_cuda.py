"""The 32-bit form of the cipher for the GPU."""

import numpy as np
import pytest
from gpu_child import CIPHER
from oracles import chacha
from simulator import simulated

KEY = np.frombuffer(bytes(range(32)), "<u4").tolist()


@pytest.mark.parametrize("name", CIPHER)
def test_blocks_equal_the_reference(name):
    """All sixteen words, at the address of RFC 8439 and at both ends.  Oracle: plain integers."""
    assert simulated()[f"cipher/{name}"].tolist() == list(chacha.block(KEY, *CIPHER[name]))


@pytest.mark.parametrize("name", CIPHER)
def test_tops_are_the_odd_words(name):
    """What the short form reads are the high halves of the 64-bit words."""
    words = simulated()[f"cipher/{name}"]
    assert simulated()[f"cipher/{name}-tops"].tolist() == words[1::2].tolist()
