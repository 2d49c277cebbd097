"""Options of the public doors: completed, shown by name, and nothing else taken."""

import inspect

import numpy as np
import pytest

import numbadp
from numbadp.inputs.options import (
    DEFAULTS,
    MEASURE_DEFAULTS,
    MeasureOptions,
    Options,
    filled,
    spelled_out,
)


@pytest.mark.parametrize(
    "types, defaults", [(Options, DEFAULTS), (MeasureOptions, MEASURE_DEFAULTS)]
)
def test_every_option_has_a_default_and_every_default_a_type(types, defaults):
    """The two lists name the same options."""
    assert set(types.__annotations__) == set(defaults)


def test_what_is_not_given_is_filled_in():
    """And the defaults stay what they are."""
    before = dict(DEFAULTS)
    assert filled({"cell": 4}, DEFAULTS, "door") == {**before, "cell": 4}
    assert before == DEFAULTS
    assert list(filled({"layout": "uniform"}, DEFAULTS, "door")) == list(DEFAULTS)


def test_options_without_a_default_pass_through():
    """A value of None or 0 is one that was given."""
    assert filled({"cell": 0}, MEASURE_DEFAULTS, "door")["cell"] == 0
    assert filled({"layout": None}, MEASURE_DEFAULTS, "door")["layout"] is None


@pytest.mark.parametrize("name", ["epsilom", "seed", "key", "rng"])
@pytest.mark.parametrize(
    "door",
    [
        lambda **told: numbadp.pixelize(np.zeros((8, 8), np.uint8), epsilon=1, **told),
        lambda **told: numbadp.Pixelizer((8, 8), epsilon=1, **told),
    ],
    ids=["pixelize", "Pixelizer"],
)
def test_a_door_takes_no_other_name(door, name):
    """In Python's own words, with the name of the door."""
    with pytest.raises(TypeError, match=rf"ixelizer?\(\) got an unexpected keyword.* '{name}'"):
        door(**{name: 3})


@pytest.mark.parametrize("door", [numbadp.pixelize, numbadp.Pixelizer])
def test_help_names_every_option_and_its_default(door):
    """What stands in the signature is what the door takes."""
    parameters = inspect.signature(door).parameters
    for name, value in DEFAULTS.items():
        assert parameters[name].default == value
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
    assert not any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    assert {"epsilon", "m", "boxes", "mask", "ledger"} <= set(parameters)


def test_spelling_out_changes_what_is_shown_and_nothing_else():
    """The function is the same one."""

    def door(first, *, second=2, **options):
        return first, second, options

    assert spelled_out(MEASURE_DEFAULTS)(door) is door
    assert door(1, cell=4) == (1, 2, {"cell": 4})
    assert list(inspect.signature(door).parameters) == ["first", "second", *MEASURE_DEFAULTS]
