"""Device memory from the host's side."""

from simulator import run_python


def test_views_start_at_the_lowest_address():
    """With negative strides the origin lies inside the view; nothing is copied."""
    run_python(
        "import numpy as np\nfrom gpu_child import Exported\n"
        "from numbadp.device import describe, flat_view\n"
        "a = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)[::-1, :, ::-2]\n"
        "view, origin = flat_view(describe(Exported(a)), np.uint8)\n"
        "at = origin + 2 * a.strides[0] + 1 * a.strides[1] + 2 * a.strides[2]\n"
        "assert view[at] == a[2, 1, 2] and view.size == 60\n"
        "view[at] = 99\nassert a[2, 1, 2] == 99\n"
    )


def test_pinned_buffers_are_used_again():
    """A second loan of the size gets the same memory; two at once do not share; few are kept."""
    run_python(
        "import numpy as np\nfrom numbadp.device import PinnedBuffers\n"
        "pool = PinnedBuffers()\n"
        "with pool.borrow(100) as a, pool.borrow(100) as b:\n"
        "    assert not np.shares_memory(a, b) and a.size == 100\n"
        "with pool.borrow(90) as c:\n    assert np.shares_memory(c, a) or np.shares_memory(c, b)\n"
        "for n in range(20):\n    with pool.borrow(10 ** (n % 7 + 1)):\n        pass\n"
        "assert len(pool._free) <= 5\n"
    )


def test_downloads_and_clearing():
    """A part of a flat array comes down in its shape; clearing zeroes all of it."""
    run_python(
        "import numpy as np\nfrom numbadp.device import clear, download, part_of, table\n"
        "flat = table(np.arange(30, dtype=np.int64))\npart = part_of(flat, 6, (4, 3), 0)\n"
        "found = download(part, np.empty((4, 3), np.int64), 0)\n"
        "assert found.tolist() == np.arange(6, 18).reshape(4, 3).tolist()\n"
        "clear(flat, 0)\nassert not part.copy_to_host().any()\n"
    )


def test_tables_are_there_before_anybody_reads_them():
    """The copy is waited for: a stream that does not wait for the default one may read it next."""
    run_python(
        "from types import SimpleNamespace\nimport numpy as np\nfrom numbadp import device\n"
        "done = []\n"
        "stream = SimpleNamespace(synchronize=lambda: done.append('waited'))\n"
        "device.SIMULATED = False\n"
        "device.cuda = SimpleNamespace(\n"
        "    to_device=lambda array: done.append('copied') or array, default_stream=lambda: stream)\n"
        "assert device.table(np.arange(3)).tolist() == [0, 1, 2]\n"
        "assert done == ['copied', 'waited']\n"
    )


def test_an_interrupted_download_is_waited_for():
    """The pinned memory is lent again only when nothing writes to it any more."""
    run_python(
        "import numpy as np, pytest\nfrom numbadp import device\nseen = []\n"
        "class Array:\n    def copy_to_host(self, out, stream):\n        raise KeyboardInterrupt\n"
        "class Pool(device.PinnedBuffers):\n    def take(self, count):\n"
        "        seen.append('lent')\n        return super().take(count)\n"
        "device.PINNED = pool = Pool()\n"
        "device.wait_for = lambda stream: seen.append(('waited', stream, len(pool._free)))\n"
        "with pytest.raises(KeyboardInterrupt):\n"
        "    device.download(Array(), np.empty(3, np.int64), 5)\n"
        "assert seen == ['lent', ('waited', 5, 0)] and len(pool._free) == 1\n"
    )
