"""A clock that only those move who sleep by it: how long a test takes decides nothing."""


class Clock:
    """Stands for ``time`` in a module, and makes timers; all in one thread.

    Attributes
    ----------
    now : float
        Seconds that somebody slept so far.
    """

    def __init__(self):
        self.now = 0.0
        self._due = []

    def monotonic(self):
        """Return the seconds that somebody slept so far."""
        return self.now

    def sleep(self, seconds):
        """Let time pass; timers that are due meanwhile go off on their way."""
        end = self.now + seconds
        while timers := [timer for timer in self._due if timer.at <= end]:
            first = min(timers, key=lambda timer: timer.at)
            self._due.remove(first)
            self.now = max(self.now, first.at)
            first.function()
        self.now = end

    def Timer(self, seconds, function):
        """Return what stands for `threading.Timer`."""
        return _Timer(self, self.now + seconds, function)


class _Timer:
    daemon = False

    def __init__(self, clock, at, function):
        self.clock, self.at, self.function = clock, at, function

    def start(self):
        self.clock._due.append(self)

    def cancel(self):
        if self in self.clock._due:
            self.clock._due.remove(self)
