"""The seeded faults of advice: an object told to be better hidden than it is."""

from .row import Mutant

EVIDENCE = "advice/evidence.py"
HIDDEN = "advice/hidden.py"
OPTIONS = "advice/options.py"
_T_EVIDENCE = "advice/test_evidence.py::"
_T_HIDDEN = "advice/test_hidden.py::"
_T_OPTIONS = "advice/test_options.py::"

ADVICE = (
    Mutant(
        "advice-forgets-frames", OPTIONS, "guarantee.compose(frames).for_pixels", "guarantee.for_pixels",
        (_T_OPTIONS + "test_the_objects_epsilon_is_that_of_its_pixels_over_all_frames",),
    ),
    Mutant(
        "advice-takes-m-for-the-object", OPTIONS,
        "object_epsilon=Fraction(guarantee.compose(frames).for_pixels(hidden.pixels).epsilon)",
        "object_epsilon=Fraction(guarantee.compose(frames).epsilon)",
        (_T_OPTIONS + "test_the_objects_epsilon_is_that_of_its_pixels_over_all_frames",),
    ),
    Mutant(
        "attack-read-at-another-size", OPTIONS,
        "attack = curve.at(float(_scale(evidence, each)))", "attack = curve.at(float(scale))",
        (_T_OPTIONS + "test_faces_of_another_size_are_read_at_the_same_epsilon_of_the_object",),
    ),
    Mutant(
        "attack-with-fewer-releases-than-frames", EVIDENCE,
        "if count >= frames]", "if count <= frames]",
        (_T_EVIDENCE + "test_frames_are_rounded_up_to_what_was_attacked",),
    ),
    Mutant(
        "evidence-extrapolated", EVIDENCE,
        "if not self.scales[0] <= scale <= self.scales[-1]:", "if scale < self.scales[0]:",
        (_T_EVIDENCE + "test_nothing_is_read_outside_of_what_was_measured",),
    ),
    Mutant(
        "accepted-share-met-by-the-figure-alone", OPTIONS,
        "if attack.high > most:", "if attack.value > most:",
        (_T_OPTIONS + "test_each_clause_of_the_rule_decides",),
    ),
    Mutant(
        "lower-bound-taken-for-a-promise", OPTIONS,
        "if not enough:  # a", "if False:  # a",
        (_T_OPTIONS + "test_more_frames_than_were_attacked_are_a_lower_bound_and_no_promise",),
    ),
    Mutant(
        "plates-read-as-faces", HIDDEN, 'as_face = word == "face"', "as_face = True",
        (_T_OPTIONS + "test_nothing_is_said_of_what_was_never_attacked",),
    ),
    Mutant(
        "larger-share-than-pixels", HIDDEN, "pixels = ceil(exact *", "pixels = int(exact *",
        (_T_HIDDEN + "test_a_share_is_of_the_area_and_never_less",),
    ),
)  # fmt: skip
