"""Loss curves: the numbers that were given, vermilion alone or pale to ink together, named at their ends."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from nnlib import plot

FALL = np.exp(-np.arange(20) / 5)


def drawn(losses, **kw):
    return plot.curves(losses, ax=Figure(figsize=(7.6, 3.9)).add_subplot(), **kw)


def names(ax):
    return [text.get_text() for text in ax.texts]


def test_one_curve_is_vermilion_and_counts_epochs_from_one():
    ax = drawn(FALL)
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 21))
    np.testing.assert_array_equal(line.get_ydata(), FALL)
    assert to_hex(line.get_color()) == plot.LOSS.lower()
    assert ax.get_ylim()[0] == 0.0
    assert names(ax) == []
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("epoch", "loss", "linear")


def test_several_go_from_pale_to_ink_each_with_its_own_dashes():
    ax = drawn([FALL, FALL + 0.1, FALL + 0.2], labels=["a", "b", "c"])
    assert {to_hex(line.get_color()) for line in ax.lines} == {plot.INK}
    np.testing.assert_allclose([line.get_alpha() for line in ax.lines], [0.5, 0.75, 1.0])
    assert ax.lines[-1].get_linestyle() == "-"
    assert len({line._dash_pattern[1] and tuple(line._dash_pattern[1]) for line in ax.lines}) == 3
    assert sorted(names(ax)) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("losses", "labels", "count"),
    [
        ({"train": FALL, "test": FALL}, None, 2),
        ({"train": FALL}, None, 1),
        ([FALL.tolist()], "train", 1),
        (FALL.tolist(), "train", 1),
        (tuple(FALL), ["train"], 1),
        (np.stack([FALL, FALL]), ["train", "test"], 2),
        ([[1.0, 0.5], [1.0, 0.5, 0.2]], ["train", "test"], 2),
        ([1, 2, 3], "train", 1),
        ({"a": FALL, "b": FALL}, ["train", "test"], 2),
    ],
)
def test_every_way_to_give_them(losses, labels, count):
    ax = drawn(losses, labels=labels)
    assert len(ax.lines) == count
    assert set(names(ax)) == {"train", "test"} if count == 2 else {"train"}


def test_names_stand_at_the_ends_and_apart():
    ax = drawn({"up": FALL + 0.001, "down": FALL, "short": FALL[:5]})
    up, down, short = (next(t for t in ax.texts if t.get_text() == name) for name in ("up", "down", "short"))
    tall = 11.5 / 72 / (3.9 * ax.get_position().height)
    assert up.get_position()[1] - down.get_position()[1] == pytest.approx(1.25 * tall)
    assert up.get_position()[0] == down.get_position()[0] > 1.0
    assert short.xy == (5, FALL[4])


def test_a_single_epoch_is_a_point():
    (line,) = drawn([0.7]).lines
    assert line.get_marker() == "o"


def test_log_scale_and_negative_losses():
    assert drawn(FALL, log=True).get_yscale() == "log"
    assert drawn([-1.0, -2.0]).get_ylim()[0] < -2.0
    with pytest.raises(ValueError, match="log=True takes losses above 0, but the curve is 0 in epoch 2"):
        drawn([1.0, 0.0], log=True)
    with pytest.raises(ValueError, match="but curve 'b' is -1 in epoch 1"):
        drawn({"a": FALL, "b": [-1.0]}, log=True)


def test_divergence_leaves_a_gap_and_the_name_where_it_ended():
    ax = drawn([1.0, 2.0, np.inf, np.nan], labels="lr = 9")
    np.testing.assert_array_equal(np.isnan(ax.lines[0].get_ydata()), [False, False, True, True])
    assert ax.texts[0].xy == (2, 2.0)
    assert np.isfinite(ax.get_ylim()).all()


def test_messages():
    with pytest.raises(ValueError, match="got no losses"):
        drawn({})
    with pytest.raises(ValueError, match=r"the curve has shape \(0,\)"):
        drawn([])
    with pytest.raises(ValueError, match=r"curve 1 has shape \(0,\)"):
        drawn([[1.0], []])
    with pytest.raises(ValueError, match=r"the curve has shape \(\)"):
        drawn(3.0)
    with pytest.raises(ValueError, match="1 labels for 2 curves"):
        drawn([FALL, FALL], labels="a")
    with pytest.raises(ValueError, match="holds no finite loss"):
        drawn([np.nan, np.inf])
    with pytest.raises(TypeError, match="holds text"):
        drawn(["a", "b"])


def test_without_axes_a_figure_opens():
    assert plot.curves(FALL).lines
