"""Page-locked memory, and copies through it."""

from simulator import run_python


def test_pinned_buffers_are_used_again():
    """A second loan of the size gets the same memory; two at once do not share; few are kept."""
    run_python(
        "import numpy as np\nfrom numbadp.compute.pinned import PinnedBuffers\n"
        "pool = PinnedBuffers()\n"
        "with pool.borrow(100) as a, pool.borrow(100) as b:\n"
        "    assert not np.shares_memory(a, b) and a.size == 100\n"
        "with pool.borrow(90) as c:\n    assert np.shares_memory(c, a) or np.shares_memory(c, b)\n"
        "for n in range(20):\n    with pool.borrow(10 ** (n % 7 + 1)):\n        pass\n"
        "assert len(pool._free) <= 5\n"
    )


def test_an_interrupted_download_is_waited_for():
    """The pinned memory is lent again only when nothing writes to it any more."""
    run_python(
        "import numpy as np, pytest\nfrom numbadp.compute import pinned\nseen = []\n"
        "class Array:\n    def copy_to_host(self, out, stream):\n        raise KeyboardInterrupt\n"
        "class Pool(pinned.PinnedBuffers):\n    def take(self, count):\n"
        "        seen.append('lent')\n        return super().take(count)\n"
        "pinned.PINNED = pool = Pool()\n"
        "pinned.wait_for = lambda stream: seen.append(('waited', stream, len(pool._free)))\n"
        "with pytest.raises(KeyboardInterrupt):\n"
        "    pinned.download(Array(), np.empty(3, np.int64), 5)\n"
        "assert seen == ['lent', ('waited', 5, 0)] and len(pool._free) == 1\n"
    )


def test_a_failed_download_leaves_nothing_in_pinned_memory():
    """What came down belongs to a release that nobody gets."""
    run_python(
        "import numpy as np, pytest\nfrom numbadp.compute import pinned\n"
        "class Array:\n    def copy_to_host(self, out, stream):\n        out[:] = 7\n"
        "def lost(stream):\n    raise RuntimeError('lost')\n"
        "pinned.wait_for = lost\n"
        "with pytest.raises(RuntimeError, match='lost'):\n"
        "    pinned.download(Array(), np.empty(3, np.int64), 0)\n"
        "assert not any(kept.any() for kept in pinned.PINNED._free)\n"
    )
