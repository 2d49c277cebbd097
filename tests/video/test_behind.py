"""One job behind its caller: order, errors and interrupts are those of jobs done at once."""

from threading import Event, current_thread, main_thread
from time import sleep

import pytest

from numbadp.compute.workers import thread_count, threads
from numbadp.video import behind
from numbadp.video.behind import Behind


@pytest.fixture(autouse=True)
def two_threads(monkeypatch):
    for name in ("NUMBADP_NUM_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    with threads(2):
        yield


def test_the_caller_goes_on_and_jobs_keep_their_order():
    """A job waits for the caller; the next one is begun when it is done."""
    coding, gone_on, done = Behind(), Event(), []

    def job(number):
        assert current_thread() is not main_thread()
        assert number > 0 or gone_on.wait(20)
        done.append(number)

    coding.do(job, 0)
    assert done == []
    gone_on.set()
    for number in (1, 2, 3):
        coding.do(job, number)
        assert done[:number] == list(range(number))
    coding.settle()
    assert done == [0, 1, 2, 3]


def test_an_error_comes_with_the_next_job_which_is_not_begun():
    coding, done = Behind(), []

    def fail():
        raise OSError("full")

    for ends in (lambda: coding.do(done.append, 1), coding.settle):
        coding.do(fail)
        with pytest.raises(OSError, match="full"):
            ends()
        coding.settle()
    assert done == []
    coding.do(done.append, 2)
    coding.close()
    assert done == [2]
    coding.do(fail)
    coding.close()  # whoever closes has another error to tell
    coding.settle()


def test_closing_waits_through_interrupts(monkeypatch):
    """A job under way is done before what it writes to is closed, however often Ctrl-C comes."""
    coding, closed, done = Behind(), Event(), []

    def job():
        assert closed.wait(20)
        done.append(1)

    wait, calls = behind.wait, []

    def interrupted(jobs):
        calls.append(jobs)
        if len(calls) < 3:
            raise KeyboardInterrupt(len(calls))
        closed.set()
        return wait(jobs)

    coding.do(job)
    monkeypatch.setattr(behind, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt, match="1"):
        coding.close()
    assert done == [1]
    coding.close()
    assert len(calls) == 3


def test_an_interrupt_of_a_wait_leaves_the_job_to_be_waited_for(monkeypatch):
    coding, go_on, done = Behind(), Event(), []

    def job():
        assert go_on.wait(20)
        done.append(1)

    def interrupted(jobs):
        raise KeyboardInterrupt

    coding.do(job)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(behind, "wait", interrupted)
        coding.do(done.append, 2)
    go_on.set()
    coding.close()
    assert done == [1]


@pytest.mark.parametrize("begun", [False, True])
def test_an_interrupt_as_a_thread_begins_leaves_nothing_to_wait_for(monkeypatch, begun):
    """Whether there is a thread by then or not: no job is waited for that never comes."""
    coding, under_way, start, done = Behind(), [], behind.Thread.start, []

    def interrupted(thread):
        if begun:
            start(thread)
        raise KeyboardInterrupt

    def job():
        under_way.append(1)
        sleep(0.05)
        under_way.pop()

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(behind.Thread, "start", interrupted)
        coding.do(job)
    coding.close()
    assert under_way == []
    coding.do(done.append, 1)
    coding.settle()
    assert (done, under_way) == ([1], [])


def test_settings_are_the_callers():
    coding, found = Behind(), []
    with threads(3):
        coding.do(lambda: found.append(thread_count()))
    coding.settle()
    assert found == [3]


@pytest.mark.parametrize("why", ["one thread alone is allowed", "there is none to be had"])
def test_without_a_thread_jobs_are_done_at_once(monkeypatch, why):
    coding, found = Behind(), []

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    alone = why.startswith("one")
    if not alone:
        monkeypatch.setattr(behind.Thread, "start", refuse)
    with threads(1 if alone else 2):
        coding.do(lambda: found.append(current_thread()))
    assert found == [main_thread()]
    coding.settle()
