"""Chapter 7's explorable: the family tree of architectures, what is new in each, and what it counts."""

from __future__ import annotations

import traitlets

from nnlib._checks import whole
from nnlib.explorables._base import Explorable, View, module, number, one_of, slider, style
from nnlib.explorables.builder import count_slider

MEMBERS = ("MLP", "CNN", "RNN", "LSTM", "GRU", "Transformer", "GAN", "Hopfield", "Boltzmann")
HIDDEN, CLASSES = 32, 10
LEAST, MOST = 4, 28


class FamilyView(View):
    """The picture: which architecture, the side of its pictures, and how far its small picture has gone."""

    _esm = module("family")
    _css = style("family")
    member = traitlets.Enum(MEMBERS, "MLP").tag(sync=True)
    side = traitlets.Int(12, min=LEAST, max=MOST).tag(sync=True)
    progress = traitlets.Float(0.5).tag(sync=True)


def count(member: str, n: int, m: int = HIDDEN, c: int = CLASSES) -> tuple[int, int]:
    """Return parameters and multiply-adds of an architecture for n x n pictures, m hidden neurons, c classes.

    Parameters
    ----------
    member : str
        One of `MEMBERS`.
    n : int
        Side of the picture. Recurrent networks and the Transformer read its n rows, one row a step.
    m, c : int
        Hidden neurons, and classes.

    Returns
    -------
    tuple of int
        Parameters, and products in matrix products: for one picture, or for one sweep over all neurons of a
        Hopfield network or Boltzmann machine.

    Examples
    --------
    >>> count("MLP", 28)
    (25450, 25408)
    """
    N, last, gates = n * n, c * m, {"RNN": 1, "GRU": 3, "LSTM": 4}.get(member, 0)
    K = N + m if member == "Boltzmann" else N
    table = {
        "MLP": (m * N + m + last + c, m * N + last),
        "CNN": (9 * m + m + last + c, 9 * m * N + last),
        "Transformer": (m * n + 12 * m * m + 14 * m + last + c, 3 * m * N + 12 * m * m * n + last),
        "GAN": (m * m + m + m * N + N + m * N + m + m + 1, m * m + 2 * m * N + m),
        "Hopfield": (K * (K - 1) // 2, K * (K - 1)),
        "Boltzmann": (K * (K - 1) // 2 + K, K * (K - 1)),
    }
    recurrent = gates * (m * n + m * m + m) + last + c, gates * n * (m * n + m * m) + last
    return table.get(member, recurrent)


class Family(Explorable):
    """The explorable of chapter 7."""

    @property
    def parameters(self) -> int:
        """How many numbers the chosen architecture learns."""
        return count(self.member, self.side)[0]

    @property
    def multiply_adds(self) -> int:
        """How many products it adds up for one picture."""
        return count(self.member, self.side)[1]


def family(member: str = "MLP", *, side: int = 12, progress: float = 0.5) -> Family:
    """Show the family tree of architectures; the chosen one at work, and what it counts.

    Parameters
    ----------
    member : {"MLP", "CNN", "RNN", "LSTM", "GRU", "Transformer", "GAN", "Hopfield", "Boltzmann"}
        The first choice.
    side : int, default 12
        Side n of the square picture that it looks at, from 4 to 28; also the number of steps or tokens.
    progress : float, default 0.5
        How far the small picture has gone, from 0 to 1.

    Returns
    -------
    Explorable
        Its attributes follow the reader's hand; `parameters` and `multiply_adds` follow them.

    Raises
    ------
    ValueError
        The name is unknown, or a number is out of its range.

    Examples
    --------
    >>> figure = family("CNN", side=8)
    >>> figure.parameters, figure.multiply_adds
    (650, 18752)
    """
    number("side", side, LEAST, MOST)
    view = FamilyView(
        member=one_of("member", member, MEMBERS),
        side=whole(side, "side", "family", LEAST),
        progress=number("progress", progress, 0.0, 1.0),
    )
    sliders = [
        count_slider(view, "side", LEAST, MOST),
        slider(view, "progress", low=0.0, high=1.0, step=0.02),
    ]
    return Family(view, sliders, ("member", "side", "progress"))
