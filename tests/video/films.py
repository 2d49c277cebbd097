"""Small videos made for tests, and what is read back from others."""

from fractions import Fraction

import av
import numpy as np

SIZE = (48, 64)  # rows, columns
TICK = Fraction(1, 1000)


def picture(t, size=SIZE):
    """A frame of a gradient and a square that walks."""
    rows, columns = size
    y, x = np.mgrid[0:rows, 0:columns]
    frame = np.stack([x * 3 % 256, y * 4 % 256, (x + y) * 2 % 256], -1).astype(np.uint8)
    frame[10:30, 4 + t % 20 : 24 + t % 20] = (220, 40, 30)
    return frame


def make_film(path, times=None, *, codec="mpeg4", size=SIZE, pixels="yuv420p", sound=False,
              tick=TICK, metadata=None, frames=picture, flags=0, settings=None, **context):  # fmt: skip
    """Write a film of frames at times in ticks; 12 frames 40 ms apart by default."""
    times = list(range(0, 480, 40) if times is None else times)
    with av.open(str(path), "w", options=settings or {}) as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = size[1], size[0], pixels
        stream.codec_context.time_base = tick
        stream.codec_context.flags |= flags
        for name, value in context.items():
            setattr(stream.codec_context, name, value)
        voice = container.add_stream("aac", rate=44100) if sound else None
        container.start_encoding()
        stream.codec_context.flags |= av.codec.context.Flags.frame_duration
        ends = [*times[1:], times[-1] + round(Fraction(1, 25) / tick)] if times else []
        for t, (time, end) in enumerate(zip(times, ends, strict=True)):
            frame = av.VideoFrame.from_ndarray(frames(t, size), format="rgb24")
            frame = frame.reformat(format=pixels)
            frame.pts, frame.time_base, frame.duration = time, tick, end - time
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound:
            add_sound(container, voice)
    return path


def add_sound(container, stream):
    """Half a second of a tone."""
    for k in range(22):
        wave = np.sin(np.arange(1024) / 9 + k).astype(np.float32)[None]
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 44100, 1024 * k, Fraction(1, 44100)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def read_film(path, pixels="rgb24"):
    """Seconds and arrays of all frames."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [
            (frame.pts * stream.time_base, frame.to_ndarray(format=pixels))
            for frame in container.decode(stream)
        ]


def turn_film(path):
    """Change the matrix of an MP4's track so that it is shown a quarter turn clockwise."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 4 + 4 + 20 + 16  # version, times, id, layer and volume
    turn = [0, 1 << 16, 0, -(1 << 16) & 0xFFFFFFFF, 0, 0, 0, 0, 1 << 30]
    content[at : at + 36] = b"".join(n.to_bytes(4, "big") for n in turn)
    path.write_bytes(bytes(content))
    return path
