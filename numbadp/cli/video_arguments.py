"""What ``numbadp pixelize`` accepts for videos; importing this loads neither NumPy nor PyAV."""

import argparse

VIDEO = """

IN may be a video, an address that FFmpeg opens (rtsp://, http://), a device of its (such as
v4l2:/dev/video0, where PyAV has the driver), or - for a stream on standard input; OUT is then a
video, a folder for numbered pictures, .dpz for the releases alone, - with --format, or
http://localhost:8080/ for a page that shows the newest frame to browsers, on this machine alone for
a name of it.  Every frame is a release of its own, and frames add up: what a second, the clip, and
a person in view cost is printed before anything is measured.  Needs the extra
`video`."""

HOLD, RETRIES = 8, 5
_CHOICES = (
    ("--steady", ("on", "off"), "on", "filter frames over time: spends nothing (default: on)"),
    ("--audio", ("drop", "copy"), "drop", "sound is not protected (default: drop)"),
)
_VALUES = (
    ("--window-epsilon", "E", "epsilon of the frames of any --window, in place of --epsilon"),
    ("--window", "TIME", "default: 1s"),
    ("--clip-epsilon", "E", "epsilon of the whole clip, in place of --epsilon"),
    ("--exposure", "K", "measure K frames (2, or 0.2s) as one: less noise, fewer frames"),
    ("--fps", "N", "measure at most N frames a second and leave the others out"),
    ("--max-fps", "N", "of a stream with --window-epsilon: frames a second that it is shared by"),
    ("--begins", "TIME", "of a ledger's window: its time of the first frame (default: 0, or now)"),
    ("--start", "TIME", "seconds or minutes:seconds"),
    ("--end", "TIME", "excluded"),
    ("--codec", "NAME", "libx264, libx265, libsvtav1, libvpx-vp9, ffv1, mpeg4 or mjpeg"),
    ("--preset", "NAME", "of the codec (libx264: veryfast)"),
    (
        "--format",
        "NAME",
        "of a stream: nut, matroska, mpegts, mpjpeg; of pictures in a folder or OUT -: png, jpg, "
        "webp, tif, bmp, ppm, tga, dpz",
    ),  # fmt: skip
    ("--size", "WxH", "of a raw stream of 24-bit pixels; --fps is its rate"),
)

# Options that pictures do not have: name, flag, and what stands there unless it is given.
VIDEO_ONLY = (
    *((flag[2:].replace("-", "_"), flag, usual) for flag, _, usual, _ in _CHOICES),
    *(
        (flag[2:].replace("-", "_"), flag, None)
        for flag, _, _ in _VALUES if flag != "--format"
    ),
    ("grey", "--grey", False), ("delta", "--delta", None), ("hold", "--hold", HOLD),
    ("retries", "--retries", RETRIES),
)  # fmt: skip


def add_video(parser: argparse.ArgumentParser) -> None:
    """Add the options of videos.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        That of ``pixelize``; its ``--epsilon`` is required no longer, since another will do.
    """
    for action in parser._actions:
        if action.dest == "epsilon":
            action.required = False
    group = parser.add_argument_group("videos")
    for name, choices, default, text in _CHOICES:
        group.add_argument(name, choices=choices, default=default, help=text)
    for name, metavar, text in _VALUES:
        group.add_argument(name, metavar=metavar, help=text)
    group.add_argument("--grey", action="store_true", help="the luma alone")
    group.add_argument("--delta", type=float, metavar="D", help="of --clip-epsilon, such as 1e-6")
    group.add_argument(
        "--quality", type=int, metavar="Q",
        help="crf of libx264, 0 to 51 (default: 23); of .jpg (95) and .webp (lossless), 1 to 100",
    )  # fmt: skip
    group.add_argument(
        "--hold",
        type=int,
        default=HOLD,
        metavar="N",
        help=f"frames that a box is kept for after it was last found (default: {HOLD})",
    )
    group.add_argument(
        "--retries",
        type=int,
        default=RETRIES,
        metavar="N",
        help="how often a live stream is opened again, ever more slowly, before it counts as ended "
        f"(default: {RETRIES})",
    )


def add_clip_rendering(parser: argparse.ArgumentParser) -> None:
    """Add to ``render`` what a clip of releases needs; OUT is then a video.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        That of ``render``.
    """
    group = parser.add_argument_group("clips of releases")
    name, choices, default, text = _CHOICES[0]
    group.add_argument(name, choices=choices, default=default, help=text)
    for name, metavar, text in _VALUES:
        if name in ("--codec", "--preset"):
            group.add_argument(name, metavar=metavar, help=text)
    group.add_argument("--quality", type=int, metavar="Q", help="crf of libx264: 0 to 51, 23")
