"""Process-wide settings, changed by many threads at once and put back."""

import threading
import warnings
from contextlib import nullcontext

import pytest
from forks import can_fork, in_child
from PIL import Image

from numbadp.pictures import silence as module
from numbadp.pictures.silence import silence


def state():
    """What belongs to the process."""
    return Image.MAX_IMAGE_PIXELS, list(warnings.filters)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_whoever_leaves_first_the_old_settings_come_back(order):
    """Two threads inside at once; neither puts back what the other had set."""
    before, entered = state(), threading.Barrier(3)
    leave = [threading.Event(), threading.Event()]

    def run(number):
        with silence():
            entered.wait()
            leave[number].wait()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    entered.wait()
    assert Image.MAX_IMAGE_PIXELS is None
    for number in order:
        leave[number].set()
        threads[number].join()
        expected = before if number == order[1] else (None, warnings.filters)
        assert state() == expected


def test_a_limit_is_for_one_thread_alone():
    """Nobody else is inside while an icon is, so nobody else is refused by its limit."""
    before, seen, inside = state(), [], threading.Event()

    def other():
        with silence():
            seen.append(Image.MAX_IMAGE_PIXELS)
            inside.set()

    thread = threading.Thread(target=other)
    with silence(7):
        thread.start()
        assert Image.MAX_IMAGE_PIXELS == 7 and not inside.wait(0.05)
    thread.join()
    assert seen == [None] and state() == before


def test_an_error_inside_puts_back_as_well():
    """With and without a limit."""
    before = state()
    for limit in (None, 7):
        with pytest.raises(KeyError), silence(limit):
            raise KeyError
        assert state() == before


@can_fork
@pytest.mark.parametrize("own", [True, False])
def test_a_child_that_was_forked_meanwhile_is_free(own):
    """Whoever was inside in the parent, its child comes back to the old settings."""
    entered, leave = threading.Event(), threading.Event()
    before = state()

    def hold():
        with silence():
            entered.set()
            leave.wait()

    def work():
        if own:
            module._leave()  # as the block around the fork would
        with silence(7):
            pass
        with silence():
            pass
        return str(Image.MAX_IMAGE_PIXELS).encode()

    other = threading.Thread(target=hold)
    other.start()
    entered.wait()
    with silence() if own else nullcontext():
        found = in_child(work)
    leave.set()
    other.join()
    assert found == str(before[0]).encode() and state() == before
