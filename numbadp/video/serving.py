"""A live video for browsers: JPEGs one after the other over HTTP, the newest alone.

A browser that is slow loses pictures and holds nobody up.  By default this machine alone is served.
What lies outside of boxes is shown as it is, so other pages must neither read the stream nor embed
it: requests under a foreign name are refused where only this machine is served, and answers say
that they are for their own page.
"""

import ipaddress
import os
import socket
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from socketserver import TCPServer
from threading import BoundedSemaphore, Condition, Thread
from time import monotonic, sleep

from numbadp.errors import OptionError, VideoError

MOST_BROWSERS = 32
_PATIENCE = 10.0  # seconds that a browser may take to read a picture
_USUAL = 85  # quality of a JPEG
_BOUNDARY = "numbadp-frame"
_PAGE = (
    b"<!doctype html><html lang=en><meta charset=utf-8><title>numbadp</title>"
    b"<style>body{margin:0;background:#111}img{display:block;margin:auto;max-width:100%}</style>"
    b"<img src=stream alt='Private video'></html>"
)
_HEADERS = (
    ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"),
)  # fmt: skip


class PageSink:
    """A page with the newest picture, until the stream ends.

    Parameters
    ----------
    place : tuple of str and int
        Host and port to listen at.
    options : VideoOptions
        Style and quality.
    pace : {"as it comes", "by its times"}
        When a picture is shown: at once, or, of a file, when its time has come.

    Raises
    ------
    VideoError, OptionError
        If the port is taken or not to be had, or the quality is that of no JPEG.
    """

    sound, behind = None, 0

    def __init__(self, place: tuple[str, int], options, pace: str = "as it comes"):
        self._style, self._pace = options.style, pace
        self._quality = _USUAL if options.quality is None else options.quality
        if not 1 <= self._quality <= 95:
            raise OptionError(f"quality of a page's pictures is 1 to 95; got {self._quality}.")
        self._news, self._process = Condition(), os.getpid()
        self._picture, self._number, self._over = b"", 0, False
        self._began: float | None = None
        try:
            self._server = _Server(place, self)
        except OSError as error:
            reason = error.strerror or "it cannot be listened at"
            raise VideoError(
                f"http://{place[0]}:{place[1]}/: {reason[0].lower()}{reason[1:]}"
            ) from None
        Thread(
            target=self._server.serve_forever, args=(0.1,), name="numbadp-page", daemon=True
        ).start()

    def take(self, frame) -> None:
        """Show a frame in place of the one before.

        Parameters
        ----------
        frame : VideoFrame
            The newest one.
        """
        from PIL import Image

        content = BytesIO()
        painted = frame.release.render(self._style)
        Image.fromarray(painted).save(content, format="JPEG", quality=self._quality)
        if self._pace == "by its times":
            began = self._began = self._began or monotonic() - float(frame.seconds)
            sleep(max(0.0, began + float(frame.seconds) - monotonic()))
        with self._news:
            self._picture, self._number = content.getvalue(), self._number + 1
            self._news.notify_all()

    def newer(self, than: int) -> tuple[int, bytes] | None:
        """Wait for a picture.

        Parameters
        ----------
        than : int
            Number of the last one that was seen; 0 for none.

        Returns
        -------
        tuple of int and bytes, or None
            Number and JPEG of the newest; None at the end.
        """
        with self._news:
            self._news.wait_for(lambda: self._over or self._number > than)
            return None if self._number <= than else (self._number, self._picture)

    def finish(self) -> None:
        """Nothing is left to do: what was shown was seen."""

    def __enter__(self):
        return self

    def __exit__(self, *exception) -> None:
        if os.getpid() != self._process:  # a forked child has no server, nor who opens the lock
            return
        with self._news:
            self._over = True
            self._news.notify_all()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, place: tuple[str, int], sink: PageSink):
        self.sink, self.room = sink, BoundedSemaphore(MOST_BROWSERS)
        if ":" in place[0]:
            self.address_family = socket.AF_INET6
        super().__init__(place, _Handler)
        self.local = ipaddress.ip_address(self.server_name).is_loopback

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # and ask no name server who this machine is
        host, port = self.socket.getsockname()[:2]
        self.server_name, self.server_port = host, port

    def handle_error(self, request, client_address) -> None:
        """A browser that went away is no error."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE
    server: _Server

    def version_string(self) -> str:
        return "numbadp"

    def log_message(self, format, *values) -> None:
        pass

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if self.server.local and not _names_this_machine(self.headers.get("Host", "")):
            self._begin(HTTPStatus.FORBIDDEN, "text/plain")
        elif path == "/":
            self._begin(HTTPStatus.OK, "text/html; charset=utf-8", len(_PAGE))
            self.wfile.write(_PAGE)
        elif path != "/stream":
            self._begin(HTTPStatus.NOT_FOUND, "text/plain")
        elif not self.server.room.acquire(blocking=False):
            self._begin(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain")
        else:
            try:
                self._stream()
            finally:
                self.server.room.release()

    def _begin(self, status: HTTPStatus, kind: str, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for header in _HEADERS:
            self.send_header(*header)
        if length is not None or status != HTTPStatus.OK:
            self.send_header("Content-Length", str(length or 0))
        self.end_headers()

    def _stream(self) -> None:
        self._begin(HTTPStatus.OK, f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
        number = 0
        while (found := self.server.sink.newer(number)) is not None:
            number, picture = found
            head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: "
            self.wfile.write(f"{head}{len(picture)}\r\n\r\n".encode() + picture + b"\r\n")
        self.wfile.write(f"--{_BOUNDARY}--\r\n".encode())


def _names_this_machine(host: str) -> bool:
    """Whether a request was made under a name of this machine, not under one that leads here."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


__all__ = ["MOST_BROWSERS", "PageSink"]
