"""Arguments of the audit: defaults, and what is refused while they are read."""

import pytest

from numbadp.cli.arguments import build_parser


def test_defaults_are_a_million_runs_of_the_default_layout():
    options = build_parser().parse_args(["audit"])
    assert (options.layout, options.runs, options.confidence) == ("free", 1_000_000, 0.999)
    assert (options.epsilon, options.m, options.module) == ("1", 16, "audit")


@pytest.mark.parametrize(("text", "shape"), [("8x9", (8, 9)), ("1x2x3", (1, 2, 3))])
def test_shapes_are_read(text, shape):
    assert build_parser().parse_args(["audit", "--shape", text]).shape == shape


@pytest.mark.parametrize("text", ["8", "0x8", "8x", "axb", "1x2x3x4"])
def test_what_is_no_shape_is_refused(text, capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args(["audit", "--shape", text])
    assert "shape" in capsys.readouterr().err
