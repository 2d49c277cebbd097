"""Arguments of ``numbadp pool``: three kinds, common options, and what must be given."""

import pytest

from numbadp.cli.arguments import build_parser


def test_every_kind_has_the_common_options():
    parser = build_parser()
    for kind, more in (
        ("images", ()), ("plate", ("--event", "1,2,3")), ("visits", ("--most", "3")),
    ):  # fmt: skip
        found = parser.parse_args(["pool", kind, "in", "-o", "out", "--epsilon", "1", *more])
        assert (found.module, found.kind, found.delta, found.style) == ("pool", kind, "0", "smooth")
        assert found.max_pixels > 0


@pytest.mark.parametrize("kind", ["images", "plate", "visits", "other"])
def test_what_is_missing_is_wrong_usage(kind):
    with pytest.raises(SystemExit):
        build_parser().parse_args(["pool", kind, "in"])
