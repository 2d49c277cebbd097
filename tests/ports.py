"""Ports for servers that are told theirs."""

import itertools
import os
import socket

# Below those that systems give to whoever asks for any: nobody gets one between look and use.
_FIRST, _COUNT = 20_000, 10_000
_offers = itertools.count(os.getpid() * 37)


def free_port() -> int:
    """Return a port of this machine that nobody has, another one at each call."""
    for offer in itertools.islice(_offers, _COUNT):
        port = _FIRST + offer % _COUNT
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
