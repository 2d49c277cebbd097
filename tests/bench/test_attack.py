"""The attack on faces, on faces that are drawn here: splits, protections, attackers, tables."""

import re

import numpy as np
import pytest
from PIL import Image

from bench import attack, attack_report, attackers, figures, protections
from bench.faces import Faces, read_faces, split_halves
from bench.utility import epsilon_of

SHAPE = (46, 38)  # ragged for every cell
PEOPLE, EACH = 6, 6


@pytest.fixture(scope="module")
def drawn():
    """Faces of a sort: each person is a pattern of blots, each picture shifts and brightens it."""
    generator = np.random.default_rng(3)
    height, width = SHAPE
    coarse = generator.integers(40, 200, (PEOPLE, 6, 5)).astype(np.uint8)
    pictures = []
    for pattern in coarse:
        whole = np.asarray(Image.fromarray(pattern).resize((width + 4, height + 4)))
        for _ in range(EACH):
            y, x, light = generator.integers(0, 5, 3)
            pictures.append(whole[y : y + height, x : x + width] + np.uint8(5 * light))
    return Faces("drawn", np.stack(pictures), np.repeat(np.arange(PEOPLE), EACH))


def find(name):
    table = (*protections.PROTECTIONS, *protections.REFERENCES)
    return next(p for p in table if p.name == name)


def save(folder, pictures):
    folder.mkdir(parents=True)
    for i, picture in enumerate(pictures):
        Image.fromarray(picture).save(folder / f"{i}.pgm")


def test_faces_come_from_a_folder_for_each_person(tmp_path, drawn):
    save(tmp_path / "faces" / "anne", drawn.pictures[:3])
    save(tmp_path / "faces" / "bert", drawn.pictures[6:8])
    save(tmp_path / "faces" / "with one picture", drawn.pictures[12:13])
    (tmp_path / "faces" / "README").write_text("no face")
    faces = read_faces(tmp_path / "faces")
    assert faces.name == "faces" and faces.shape == SHAPE
    assert faces.people.tolist() == [0, 0, 0, 1, 1] and faces.chance == 3 / 5
    assert (faces.pictures == drawn.pictures[[0, 1, 2, 6, 7]]).all()


def test_faces_that_cannot_be_attacked_are_refused(tmp_path, drawn):
    save(tmp_path / "anne", drawn.pictures[:2])
    with pytest.raises(FileNotFoundError, match="1 people. Pass --faces"):
        read_faces(tmp_path)
    save(tmp_path / "bert", drawn.pictures[2:4, :40])
    with pytest.raises(ValueError, match="one size"):
        read_faces(tmp_path)


def test_splits_are_the_same_in_every_run_and_test_every_picture_once(drawn):
    people = np.array([*drawn.people, 0, 3])  # odd numbers of pictures too
    for number in range(3):
        halves = split_halves(people, number)
        assert all(
            (a == b).all()
            for x, y in zip(halves, split_halves(people, number), strict=True)
            for a, b in zip(x, y, strict=True)
        )
        assert sorted(np.concatenate([test for _, test in halves])) == list(range(len(people)))
        for train, test in halves:
            assert not set(train) & set(test)
            assert set(people[train]) == set(people)
    assert not np.array_equal(split_halves(people, 0)[0][0], split_halves(people, 1)[0][0])


@pytest.mark.parametrize("name", [p.name for p in protections.PROTECTIONS])
def test_protections_keep_the_shape_and_draw_fresh_noise(name, drawn):
    protect = find(name).protect
    first, second = protect(drawn.pictures, 4080), protect(drawn.pictures, 4080)
    assert first.shape == second.shape == drawn.pictures.shape
    assert (first != second).any()


def test_plain_references_know_no_noise(drawn):
    for protection in protections.REFERENCES:
        assert protection.releases == 0
        seen = protection.protect(drawn.pictures, None)
        assert (seen == protection.protect(drawn.pictures, None)).all()


@pytest.mark.parametrize("releases", [1, 4, 16])
def test_a_mean_of_releases_has_their_noise_and_a_plan_that_knows_it(releases):
    """Laplace noise of scale r has variance 2 r^2; of 3,000 sums' mean it is known to 10 %."""
    pictures = np.full((100, 88, 80), 100, np.uint8)
    release = protections.averaged_release(pictures, 4080, releases)
    (plane,) = release.plan.planes
    assert plane.scale**2 * releases == 4080**2 and plane.cell == 16
    noise = release.values[0][:, :5] - 100 * 16 * 16  # whole cells
    assert noise.var() == pytest.approx(2 * 4080**2 / releases, rel=0.15)


def test_only_squares_of_releases_are_averaged(drawn):
    with pytest.raises(ValueError, match="square; got 8"):
        protections.averaged_release(drawn.pictures, 4080, 8)


def test_published_values_are_not_clipped_to_grey_levels(drawn):
    seen = find("published values").protect(drawn.pictures, 16320)
    assert seen.min() < 0 and seen.max() > 255
    near = find("published values").protect(drawn.pictures, 64)
    assert np.abs(near - drawn.pictures).mean() < 25  # cells of 4 pixels, at their places


def test_attackers_look_at_means_of_squares():
    picture = np.arange(113 * 92, dtype=np.float32).reshape(1, 113, 92)
    seen = attackers.look(picture)
    assert seen.shape == (1, 56, 46)
    assert seen[0, 3, 5] == picture[0, 6:8, 10:12].mean()


@pytest.mark.parametrize("name", attackers.ATTACKERS)
def test_every_attacker_names_plain_faces_and_none_under_great_noise(name, drawn):
    """By chance alone more than 17 of 36 right, of six people, have a probability of 1e-5."""
    pytest.importorskip("sklearn")
    plain = attack.name_faces(drawn, find("nothing"), None, 1, 0)
    assert plain[name] > 0.9
    hidden = attack.name_faces(drawn, find("DP-Pix, 16 px"), 10**6, 2, 0)
    assert hidden[name] < 0.48


def test_averaging_releases_names_more_faces(drawn):
    pytest.importorskip("sklearn")
    one = attack.name_faces(drawn, find("published values"), 16320, 4, 0)
    many = attack.name_faces(drawn, find("mean of 16, published values"), 16320, 4, 0)
    assert max(many.values()) > max(one.values())


def test_intervals_are_clopper_and_pearsons():
    beta = pytest.importorskip("scipy.stats").beta
    low, high = attack.interval(0.1, 400)
    assert low == pytest.approx(beta.ppf(0.025, 40, 361))
    assert high == pytest.approx(beta.ppf(0.975, 41, 360))
    assert attack.interval(0, 400)[0] == 0 and attack.interval(1, 400)[1] == 1


def test_a_whole_face_has_the_epsilon_of_its_pixels(drawn):
    height, width = SHAPE
    assert attack.whole_face_epsilon(drawn, 4080) == height * width / 16


@pytest.fixture(scope="module")
def section(drawn):
    """A run of every attack at two scales, in this process."""
    pytest.importorskip("sklearn")
    effort = attack.Effort(rounds=1, copies=1, scales=(64, 4080), workers=1)
    return attack.measure_attack(drawn, effort)


def test_a_run_measures_every_protection_and_reports_it(section):
    cases = len(protections.REFERENCES) + 2 * len(protections.PROTECTIONS)
    assert len(section["rows"]) == cases and section["chance"] == 1 / PEOPLE
    assert all(0 <= a <= 1 for row in section["rows"] for a in row["accuracy"].values())
    assert all(row["accuracy"].keys() == attackers.ATTACKERS.keys() for row in section["rows"])
    text = attack_report.render_attack(section)
    assert "drawn, 6 people, 36 pictures; chance 16.7 %" in text
    assert re.search(rf"\| 4080 +\| +1\.00 \| +{46 * 38 / 16:.0f} \|", text)
    assert attack_report.render_attackers(section).count("\n") == cases + 1


def test_the_reading_follows_from_the_figures(section):
    rows = [
        {**row, "accuracy": dict.fromkeys(row["accuracy"], 0.1 if row["scale"] == 4080 else 0.9)}
        for row in section["rows"]
    ]
    text = attack_report.render_attack({**section, "rows": rows})
    assert "Up to r = 64 (ε = 63.8 at m = 16) at least half" in text
    assert "From r = 4080 (ε = 1.00) the interval of the best attack on one" in text
    assert re.search(r"\| 16 +\| +– \| +10\.0 \| +– \|", text)


def test_the_figure_shows_chance_and_the_epsilon_of_a_whole_face(section):
    pytest.importorskip("matplotlib")
    left, right = figures.draw_attack(section).axes
    for axes in (left, right):
        assert any(set(line.get_ydata()) == {section["chance"]} for line in axes.get_lines())
    pixels = SHAPE[0] * SHAPE[1]
    by_epsilon, by_m = (axes.child_axes[0]._functions[0] for axes in (left, right))
    assert by_epsilon(1) == pixels / 16 and by_m(16) == pixels / 16
    names = [text.get_text() for text in left.get_legend().get_texts()]
    assert {"chance", "mosaic", "not private: plain pixelation, 16 px"} <= set(names)


def test_figures_are_drawn_of_what_there_is(section, tmp_path):
    pytest.importorskip("matplotlib")
    row = {
        "method": "free: mosaic", "private": True, "psnr": 20, "psnr_spread": 0.1,
        "ssim": 0.5, "ssim_spread": 0.01,
    }  # fmt: skip
    methods = {"m": 16, "rows": [{**row, "scale": 64}, {**row, "scale": 255}]}
    done = figures.save_figures({"methods": methods, "memory": {}}, tmp_path)
    assert [path.name for path in done] == ["utility.png"]
    done = figures.save_figures({"methods": methods, "attack": section}, tmp_path)
    assert [path.name for path in done] == ["utility.png", "attack.png"]
    for path in done:
        with Image.open(path) as image:
            assert image.size[0] > 1000
    left, _ = figures.draw_methods(methods).axes
    x = left.get_lines()[0].get_xdata()
    assert list(x) == [float(epsilon_of(r)) for r in (64, 255)]


def test_quick_is_quicker():
    full, quick = attack.FULL, attack.QUICK
    assert quick.rounds < full.rounds and quick.copies < full.copies
    assert set(quick.scales) < set(full.scales)


def test_efforts_are_shown_beside_the_numbers_they_draw(section):
    """A table of four columns, and a reading that follows from the figures."""
    assert set(attack.EFFORTS.only) <= {p.name for p in protections.PROTECTIONS}
    names = attack.EFFORTS.only
    rows = [
        {
            **row,
            "accuracy": dict.fromkeys(row["accuracy"], 0.5 + (row["protection"] == names[-1]) / 9),
        }
        for row in section["rows"]
    ]
    text = attack_report.render_efforts({**section, "rows": rows})
    assert all(f"| {name} |" in text.replace("  ", "") for name in names)
    assert "At no scale did a picture give" in text
    better = [
        {**row, "accuracy": dict.fromkeys(row["accuracy"], 0.9)}
        if row["protection"] == protections.BEST and row["scale"] == 4080
        else row
        for row in rows
    ]
    assert "At r = 4080 a picture gave" in attack_report.render_efforts({**section, "rows": better})


def test_only_the_named_protections_are_measured(drawn):
    pytest.importorskip("sklearn")
    effort = attack.Effort(1, 1, (4080,), 1, only=("smooth", protections.BEST))
    found = attack.measure_attack(drawn, effort)
    named = [row["protection"] for row in found["rows"] if row["scale"]]
    assert named == ["smooth", protections.BEST]
