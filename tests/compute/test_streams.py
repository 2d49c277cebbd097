"""Streams of device work, with a stand-in for the driver."""

import pytest
from simulator import run_python

STAND_IN = """
import os
from types import SimpleNamespace
from numbadp.compute import streams

queued = []

class Event:
    count = 0
    def __init__(self):
        Event.count += 1
        self.number = Event.count
    def record(self, stream):
        queued.append((stream, "records", self.number))
    def wait(self, stream):
        queued.append((stream, "waits for", self.number))

streams.SIMULATED = False
streams.cuda = SimpleNamespace(
    legacy_default_stream=lambda: "legacy", external_stream=lambda handle: handle, event=Event,
    get_current_device=lambda: SimpleNamespace(id=0),
)
"""


def test_the_streams_of_threads_are_one():
    """Handles 1 and 2 are the legacy stream, which waits for every thread's own; others are taken."""
    run_python(
        STAND_IN + "found = [streams.stream_of(None, handle) for handle in (None, 0, 1, 2, 7)]\n"
        "assert found == [0, 0, 'legacy', 'legacy', 7]\n"
    )


@pytest.mark.parametrize(("told", "stream"), [("1", "legacy"), ("0", 0), ("", 0)])
def test_the_default_stream_is_one_for_all_threads(told, stream):
    """CUDA Python may be told to give every thread its own: then the legacy one is named."""
    run_python(
        STAND_IN + f"os.environ['CUDA_PYTHON_CUDA_PER_THREAD_DEFAULT_STREAM'] = {told!r}\n"
        f"assert streams.default_stream() == {stream!r} == streams.stream_of(None, None)\n"
    )


def test_a_stream_of_others_is_one_object_a_device():
    """So that what is kept by stream is found again; another device's is another one."""
    run_python(
        STAND_IN + "streams.cuda.external_stream = lambda handle: object()\n"
        "one = streams.stream_of(None, 7)\n"
        "assert streams.stream_of(None, 7) is one is not streams.stream_of(None, 8)\n"
        "streams.cuda.get_current_device = lambda: SimpleNamespace(id=1)\n"
        "assert streams.stream_of(None, 7) is not one\n"
    )


def test_streams_of_numba_are_kept_alive():
    """The object is taken, not its number."""
    run_python(
        STAND_IN + "array = SimpleNamespace(__cuda_ndarray__=True, stream=object())\n"
        "assert streams.stream_of(array, 99) is array.stream\n"
    )


def test_one_stream_follows_another():
    """It waits for an event that the other one records; a stream does not wait for itself."""
    run_python(
        STAND_IN + "streams.follow('b', 'a')\nstreams.follow('a', 'a')\n"
        "assert queued == [('a', 'records', 1), ('b', 'waits for', 1)]\n"
    )


@pytest.mark.parametrize(("own", "waits"), [(True, 0), (False, 1)])
def test_only_a_pool_of_others_is_waited_for(own, waits):
    """Numba's own manager frees behind all work."""
    run_python(
        STAND_IN + "import sys\nfrom types import ModuleType\n"
        "class NumbaCUDAMemoryManager:\n    pass\n"
        "class Pool:\n    pass\n"
        "driver = ModuleType('driver')\ndriver.NumbaCUDAMemoryManager = NumbaCUDAMemoryManager\n"
        "sys.modules['numba.cuda.cudadrv.driver'] = driver\n"
        f"manager = NumbaCUDAMemoryManager() if {own} else Pool()\n"
        "streams.cuda.current_context = lambda: SimpleNamespace(memory_manager=manager)\n"
        "waited = []\nstream = SimpleNamespace(synchronize=lambda: waited.append(1))\n"
        f"streams.let_go(stream)\nassert len(waited) == {waits}\n"
    )


ERRORS = """
import pytest
from numbadp import BackendError, ShapeError
from numbadp.compute.streams import device_errors

def raised(module, text="unspecified launch failure", name="CudaAPIError", base=Exception):
    error = type(name, (base,), {"__module__": module})(text)
    with device_errors():
        raise error
"""


@pytest.mark.parametrize(
    "module", ["numba.cuda.cudadrv.driver", "cuda.core._utils.cuda_utils", "cuda.bindings.driver"]
)
def test_what_the_driver_refuses_is_an_error_of_ours(module):
    """With what it said, and what to do; the first error is its cause."""
    run_python(
        ERRORS + f"with pytest.raises(BackendError, match='new one.*nvidia-smi') as told:\n"
        f"    raised({module!r})\n"
        "assert 'unspecified launch failure' in str(told.value)\n"
        "assert type(told.value.__cause__).__name__ == 'CudaAPIError'\n"
    )


def test_a_child_of_the_drivers_errors_counts():
    """As libraries that build on Numba raise them."""
    run_python(
        ERRORS
        + "parent = type('Parent', (Exception,), {'__module__': 'numba.cuda.cudadrv.error'})\n"
        "with pytest.raises(BackendError):\n    raised('elsewhere', base=parent)\n"
    )


def test_full_memory_is_told_apart():
    """The remedy is another one."""
    run_python(
        ERRORS + "with pytest.raises(BackendError, match='fewer pictures at a time'):\n"
        "    raised('numba.cuda.cudadrv.driver', '[2] CUDA_ERROR_OUT_OF_MEMORY')\n"
    )


def test_other_errors_pass():
    """Ours, interrupts and mistakes of code are nobody else's."""
    run_python(
        ERRORS + "for kind in (ShapeError, KeyboardInterrupt, TypeError, MemoryError):\n"
        "    with pytest.raises(kind):\n        with device_errors():\n            raise kind('x')\n"
        "with pytest.raises(Exception) as told:\n    raised('numba.core.errors')\n"
        "assert not isinstance(told.value, BackendError)\n"
    )
