"""A camera for tests, in a process of its own: H.264 by RTSP, its RTP packets in the same TCP stream.

``python rtsp_camera.py CONNECTIONS FRAMES PAUSE`` prints its port, serves so many connections one
after the other, breaks each off after so many frames without a word, and ends.
"""

import socket
import sys
import time
from fractions import Fraction

import av
import numpy as np

RATE, CLOCK, SIZE = 25, 90_000, (48, 64)
SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
    "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track1\r\n"
)


def units(frames):
    """Network units of every frame of a brighter and brighter grey, parameter sets in each."""
    codec = av.CodecContext.create("libx264", "w")
    codec.height, codec.width = SIZE
    codec.pix_fmt, codec.time_base, codec.framerate = "yuv420p", Fraction(1, RATE), RATE
    codec.options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": "keyint=1"}
    for t in range(frames):
        grey = np.full((*SIZE, 3), 2 * t % 250, np.uint8)
        frame = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format="yuv420p")
        frame.pts = t
        for packet in codec.encode(frame):
            found = bytes(packet).replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
            yield [unit for unit in found if unit]


def converse(peer):
    """Answer until the video is to be played."""
    lines = peer.makefile("rb")
    while True:
        method, number = b"", b"0"
        while (line := lines.readline().strip()) or not method:
            if not line:
                return False
            method = method or line.split()[0]
            if line.lower().startswith(b"cseq:"):
                number = line.split(b":")[1].strip()
        more, body = b"Session: 1\r\n", b""
        if method == b"OPTIONS":
            more = b"Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif method == b"DESCRIBE":
            body = SDP.encode()
            more = b"Content-Type: application/sdp\r\nContent-Length: %d\r\n" % len(body)
        elif method == b"SETUP":
            more += b"Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        peer.sendall(b"RTSP/1.0 200 OK\r\nCSeq: " + number + b"\r\n" + more + b"\r\n" + body)
        if method == b"PLAY":
            return True


def play(peer, frames, pause):
    """Send frames as they would come from a camera."""
    order = 0
    for t, parts in enumerate(units(frames)):
        for k, unit in enumerate(parts):
            last = k == len(parts) - 1
            stamp = t * CLOCK // RATE
            head = bytes([0x80, 96 | last << 7]) + order.to_bytes(2, "big")
            packet = head + stamp.to_bytes(4, "big") + b"numb" + unit
            peer.sendall(b"$\0" + len(packet).to_bytes(2, "big") + packet)
            order += 1
        time.sleep(pause)


def main():
    """Serve."""
    connections, frames, pause = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while connections:
            peer, _ = server.accept()
            with peer:
                try:
                    if converse(peer):
                        play(peer, frames, pause)
                except OSError:  # the reader has what it wanted
                    pass
                connections -= 1


if __name__ == "__main__":
    main()
