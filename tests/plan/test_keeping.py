"""Facts that frozen data keeps."""

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, replace

import pytest

from numbadp.plan.keeping import Keeping, kept

asked = []


@dataclass(frozen=True)
class Square(Keeping):
    side: int

    @kept
    def area(self) -> int:
        """Its area."""
        asked.append(self.side)
        return self.side**2


def test_a_fact_is_worked_out_once_and_for_each():
    asked.clear()
    one, other = Square(3), Square(4)
    assert [one.area, one.area, other.area, one.area] == [9, 9, 16, 9]
    assert asked == [3, 4]
    assert Square.area.__doc__ == "Its area."


def test_a_changed_copy_has_facts_of_its_own():
    one = Square(3)
    assert one.area == 9 and replace(one, side=5).area == 25


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
)
def test_copies_and_pickles_hold_the_fields_alone(again):
    one = Square(3)
    assert one.area == 9
    found = again(one)
    assert vars(found) == {"side": 3} and found == one and found.area == 9


def test_it_stays_frozen():
    with pytest.raises(FrozenInstanceError):
        Square(3).side = 4
