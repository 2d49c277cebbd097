"""Options: what they spend, how the experiments are read for them, and the rule for the box."""

from dataclasses import replace
from fractions import Fraction

import pytest

from numbadp.accounting.guarantee import guarantee_of
from numbadp.advice import options
from numbadp.advice.evidence import load_evidence
from numbadp.advice.hidden import find_hidden
from numbadp.advice.options import build_options, epsilon_for
from numbadp.mechanism import planning
from numbadp.mechanism.planning import build_plan

HD = (1920, 1080)
EVIDENCE = load_evidence()


def built(thing, frames=1, unit=1, asked=None, accepted=None, evidence=EVIDENCE, picture=HD):
    return build_options(
        find_hidden(thing, picture), picture, frames, Fraction(unit),
        None if asked is None else Fraction(asked), accepted, evidence,
    )  # fmt: skip


@pytest.mark.parametrize("frames", [1, 3, 500])
@pytest.mark.parametrize("unit", [1, Fraction(1, 7), 1000])
@pytest.mark.parametrize("thing", [(120, 150), (1, 1), "whole", 0.3])
def test_the_objects_epsilon_is_that_of_its_pixels_over_all_frames(thing, frames, unit):
    """Oracle: group privacy and composition by hand; the guarantee says the same."""
    pixels = find_hidden(thing, HD).pixels
    found = built(thing, frames, unit, unit)
    assert found
    for option in found:
        plan = build_plan((1080, 1920, 3), epsilon=option.epsilon, m=option.m)
        guarantee = guarantee_of(plan).for_pixels(pixels).compose(frames)
        assert option.object_epsilon == guarantee.epsilon
        assert option.object_epsilon == frames * option.epsilon * pixels / option.m
        assert option.scale == 255 * option.m / option.epsilon
        assert (option.cell, option.noise) == (plan.planes[0].cell, plan.planes[0].level_scale)
        assert option.noise == option.scale / option.cell**2


def test_options_go_from_clear_to_noisy_in_steps_and_one_is_what_was_asked():
    found = built((120, 150), asked=64, unit=64)
    epsilons = [option.object_epsilon for option in found]
    assert epsilons == sorted(epsilons, reverse=True)
    assert all(2 < a / b <= 4.5 for a, b in zip(epsilons, epsilons[1:], strict=False))
    assert [o.object_epsilon for o in found if o.asked] == [64]
    assert not any(option.asked for option in built((120, 150)))


def test_m_is_a_whole_number_of_pixels_and_rounds_towards_more_noise():
    for option in built((7, 9), unit=1):
        assert option.m >= 1 and option.m <= 63


def test_faces_of_the_measured_size_are_read_at_their_own_scale():
    curve = EVIDENCE.attack.curves[1]
    for option in built((92, 112)):
        assert option.attack == curve.at(float(option.scale))


@pytest.mark.parametrize("factor", [2, 4])
def test_a_face_twice_as_wide_has_the_same_noise_at_four_times_the_scale(factor):
    """What reading at another size stands on: cells grow with the face, noise stays."""
    for scale in (1020, 4080, 8160, 16320, 32640):
        small, large = (
            build_plan((112 * f, 92 * f), epsilon=1, m=Fraction(scale * f * f, 255).__ceil__())
            for f in (1, factor)
        )
        assert large.planes[0].cell == factor * small.planes[0].cell
        assert large.planes[0].grid == small.planes[0].grid
        assert float(large.planes[0].level_scale) == pytest.approx(
            float(small.planes[0].level_scale), rel=0.02
        )


def test_faces_of_another_size_are_read_at_the_same_epsilon_of_the_object():
    """184 x 224 pixels at four times the scale are named as 92 x 112 are; not at the same one."""
    small, large = built((92, 112), asked=100, unit=100), built((184, 224), asked=100, unit=100)
    for a, b in zip(small, large, strict=True):
        if a.asked:
            assert b.attack == a.attack and b.object_error == a.object_error
            assert b.scale == 4 * a.scale


def test_cells_at_their_largest_are_noisier_than_any_that_was_attacked():
    """Then nothing is read; no experiment was made with such cells."""
    assert options._MOST_NOISE == planning._FREE_LEVELS
    for scale in EVIDENCE.attack.curves[1].scales:
        assert build_plan((112, 92), epsilon=Fraction(4080, int(scale))).planes[0].level_scale < 32
    found = built("whole")
    noisy = [o for o in found if o.noise >= 32]
    assert noisy and all(o.attack is o.object_error is None for o in noisy)
    assert any(o.attack for o in found if o.noise < 32)


def test_frames_are_attacked_together():
    one, many = built((92, 112), asked=50, unit=50), built((92, 112), 16, asked=50, unit=50)
    chosen = [next(o for o in found if o.asked) for found in (one, many)]
    assert chosen[1].attack.low > chosen[0].attack.high
    assert chosen[1].object_epsilon == 16 * chosen[0].object_epsilon
    assert chosen[1].attack == EVIDENCE.attack.curves[16].at(255 * 92 * 112 / 50)


def test_more_frames_than_were_attacked_are_a_lower_bound_and_no_promise():
    found = built((92, 112), 17)
    assert all(o.attack_is_floor for o in found if o.attack)
    assert {o.finding for o in found} == {"recognised", "not measured"}
    assert not any(o.attack_is_floor for o in built((92, 112), 16))
    still = EVIDENCE.attack.curves[16].at(255 * 92 * 112 / 80)  # 45 %, at least 40 %
    assert finding_at(80, frames=17, accepted=still.low - 0.01) == "recognised"
    assert finding_at(80, frames=17, accepted=still.low + 0.01) == "not measured"
    assert finding_at(80, frames=16, accepted=still.low + 0.01) == "recognised"


def test_photos_are_read_by_r_within_what_was_measured():
    for option in built((92, 112)):
        r = float(option.scale)
        assert (option.mse is None) == (not 64 <= r <= 16320)
        if option.mse:
            assert option.mse == EVIDENCE.utility.at(r)
        else:
            assert option.psnr is None


def test_psnr_is_that_of_the_mean_error():
    option = next(o for o in built((92, 112)) if o.mse)
    assert 255**2 / 10 ** (option.psnr / 10) == pytest.approx(option.mse.value)


# --- the rule: when a solid box is better ------------------------------------


def finding_at(epsilon, evidence=EVIDENCE, **more):
    found = built((92, 112), asked=epsilon, unit=epsilon, evidence=evidence, **more)
    return next(o for o in found if o.object_epsilon == epsilon * more.get("frames", 1)).finding


@pytest.mark.parametrize(
    ("epsilon", "finding"),
    [
        (10**6, "not measured"),
        (41055, "recognised"),
        (644, "recognised"),
        (322, "recognised"),
        (161, "trade-off"),
        (80, "trade-off"),
        (25, "only noise"),
        (11, "only noise"),
        (10, "not measured"),
        (1, "not measured"),
    ],
)
def test_what_is_found_goes_from_recognised_to_noise(epsilon, finding):
    assert finding_at(epsilon) == finding


def test_each_clause_of_the_rule_decides():
    high = EVIDENCE.attack.curves[1].at(255 * 92 * 112 / 161).high
    for half, finding in ((0.99, "recognised"), (1.01, "trade-off")):
        attack = replace(EVIDENCE.attack, unprotected=2 * half * high)
        assert finding_at(161, replace(EVIDENCE, attack=attack)) == finding
    assert finding_at(161, replace(EVIDENCE, solid_mse=1000)) == "only noise"
    assert finding_at(161, accepted=0.5) == "trade-off"
    assert finding_at(161, accepted=0.4) == "recognised"  # 36 %, but up to 41 %


@pytest.mark.parametrize("thing", ["plate", "person", "text", "whole"])
def test_nothing_is_said_of_what_was_never_attacked(thing):
    assert {option.finding for option in built(thing)} == {"not measured"}


# --- from an accepted share --------------------------------------------------


@pytest.mark.parametrize("frames", [1, 2, 9, 16])
@pytest.mark.parametrize("accepted", [0.99, 0.9, 0.5, 0.2, 0.11])
@pytest.mark.parametrize("thing", [(92, 112), (10, 10), (120, 150)])
def test_an_accepted_share_is_met_by_the_upper_end_of_the_interval(thing, accepted, frames):
    asked = epsilon_for(EVIDENCE, accepted, frames)
    option = next(o for o in built(thing, frames, 1, asked, accepted) if o.asked)
    assert option.attack.high <= accepted
    assert option.object_epsilon == frames * asked
    if accepted < 0.95:  # and no more noise than that takes
        curve, _ = EVIDENCE.attack.with_releases(frames)
        assert curve.at(255 * 92 * 112 / float(asked) * 0.97).high > accepted


@pytest.mark.parametrize(("accepted", "frames"), [(0.02, 1), (0.05, 1), (0.06, 16), (0.9, 17)])
def test_what_no_experiment_shows_has_no_epsilon(accepted, frames):
    assert epsilon_for(EVIDENCE, accepted, frames) is None


def test_a_share_that_was_only_shown_for_smaller_cells_is_not_promised():
    """A large face at 256 pixels a cell, the largest: no experiment had such noise."""
    asked = epsilon_for(EVIDENCE, 0.1, 1)
    found = built((900, 1000), 1, 1, asked, 0.1)
    assert not any(option.asked for option in found)


@pytest.mark.parametrize("thing", ["plate", "whole"])
def test_a_share_of_people_says_nothing_of_plates(thing):
    asked = epsilon_for(EVIDENCE, 0.2, 1)
    assert not any(option.asked for option in built(thing, 1, 1, asked, 0.2))


@pytest.mark.parametrize("unit", [Fraction(1, 10**300), Fraction(10**300)])
def test_any_epsilon_ends_in_a_table(unit):
    """Beyond the noise tables there is no option; beyond every experiment nothing is read."""
    found = built((120, 150), 1, unit, unit)
    asked = [option for option in found if option.asked]
    assert len(found) >= 4
    assert all(o.attack is None for o in asked) and len(asked) == (unit > 1)
