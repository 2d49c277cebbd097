"""One job at a time on a thread of its own, one behind its caller.

A codec leaves cores idle while it waits for its own threads, and so does a frame that is measured:
while one frame is coded, the next is read, measured and filtered.  Jobs never overtake each other,
and never are there two: memory holds one frame more.
"""

from collections.abc import Callable
from concurrent.futures import Future, wait
from contextvars import Context, copy_context
from threading import Thread

from numbadp.compute.workers import thread_count


class Behind:
    """Does jobs in order; when it is given one, all before are done.

    Where a caller may use one thread alone, or there is none to be had, jobs are done at once.
    """

    def __init__(self) -> None:
        self._job: Future | None = None

    def do(self, function: Callable, *arguments) -> None:
        """Begin a job as soon as the one before is done.

        Parameters
        ----------
        function : callable
            The job.
        *arguments
            What it is called with.

        Raises
        ------
        BaseException
            What the job before raised; then this one is not begun.
        """
        self.settle()
        if thread_count() < 2:
            function(*arguments)
            return
        try:
            job = self._job = Future()
            Thread(target=_work, args=(job, copy_context(), function, arguments)).start()
        except RuntimeError:  # no thread to be had
            self._job = None
            function(*arguments)
        except BaseException:  # an interrupt: who has not begun never will, so nobody waits for it
            if self._job is not None and self._job.cancel():
                self._job = None
            raise

    def settle(self) -> None:
        """Wait until all jobs are done.

        Raises
        ------
        BaseException
            What the last one raised.
        """
        job = self._job
        if job is None:
            return
        wait([job])  # an interrupt here leaves the job to `close`
        self._job = None
        job.result()

    def close(self) -> None:
        """Wait for a job under way through any interrupt, which is raised then; not its error."""
        interrupt = None
        while self._job is not None:
            try:
                wait([self._job])
                self._job = None
            except BaseException as error:
                interrupt = interrupt or error
        if interrupt is not None:
            raise interrupt


def _work(job: Future, context: Context, function: Callable, arguments: tuple) -> None:
    """Do a job as its caller would: with the caller's settings, and its errors kept for it."""
    if not job.set_running_or_notify_cancel():
        return
    try:
        context.run(function, *arguments)
    except BaseException as error:
        job.set_exception(error)
    else:
        job.set_result(None)
