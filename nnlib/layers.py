"""Layers, and networks as their composition. May import activations, slopes, initialisers and autodiff.

A layer is a function of x with two more methods, by which gradients and optimisers find its parameters:
`leaves()` lists its parameter arrays, and `like(leaves)` is the same layer with other parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nnlib._checks import floats, generator, whole
from nnlib.activations import identity, leaky_relu, relu
from nnlib.autodiff.rows import enter, ones, primitive, total
from nnlib.autodiff.table.products import mm
from nnlib.autodiff.tensor import Tensor, raw, record
from nnlib.initialisers import glorot_uniform, he_uniform
from nnlib.slopes import FUSED, Fused

_new = object.__new__
_dot = np.dot

Initialiser = Callable[
    [int, int, "np.random.Generator"], NDArray[Any]
]  # in quotes: NumPy loads it on first use


# ---------------------------------------------------------------------- f(x W^T + b) as one row of the table
def _dense(x: Any, W: Any, b: Any, f: Fused) -> Any:
    if not x.ndim:
        raise ValueError("a single number is no sample")
    z = _dot(x, W.T)
    z += b
    return f.into(z)


def _dense_pull(g: Any, slots: Any, h: Any, vals: Any, kw: Any) -> Any:
    """With delta = g f'(z): delta W for x, delta^T x for W, the sum of delta for b."""
    x, W, _, f = vals
    g = f.back(g, h)
    gx = None if slots[0] is None else mm(g, W)
    if g.ndim == 1:  # one sample
        return gx, g[:, None] * x, g, None
    if g.ndim > 2:
        g, x = g.reshape(-1, g.shape[-1]), x.reshape(-1, x.shape[-1])
    if type(g) is type(x) is np.ndarray:  # as pairs: a network has them multiplied where its gradient stands
        return gx, (g.T, x), (ones(len(g), g.dtype), g), None
    return gx, mm(g.T, x), mm(ones(len(g), g.dtype), g), None


def _dense_push(ts: Any, h: Any, vals: Any, kw: Any) -> Any:
    """dz = dx W^T + x dW^T + db."""
    (x, W, _, f), (tx, tW, tb) = vals, ts[:3]
    changes = [
        None if tx is None else tx @ W.T,
        None if tW is None else x @ tW.T,
        tb,
    ]
    return f.back(total([t for t in changes if t is not None], h), h)


_dense_of_any = enter(primitive(_dense, _dense_pull, _dense_push), "dense layer")


class Dense:
    """A layer of neurons that all see the whole input: ``h = f(W x + b)``.

    Parameters
    ----------
    n_in, n_out : int
        Number of inputs, and of neurons.
    activation : Activation or callable, default identity
        f, from nnlib, or a function written in NumPy.
    W : array_like of shape (n_out, n_in), optional
        Weights, one row a neuron. Without them `init` draws some.
    b : array_like of shape (n_out,), optional
        Biases; 0 if they are not given.
    init : callable, optional
        From `nnlib.initialisers`: (n_out, n_in, rng) -> W. By default `he_uniform` for relu and leaky_relu,
        and `glorot_uniform` for all others.
    rng : Generator, int or None
        Draws the weights.

    Attributes
    ----------
    W, b : ndarray
        Weights and biases. Assigning to them writes into the same arrays.
    activation : callable
        f.

    Raises
    ------
    ValueError
        Where W or b has another shape, or x another number of features.
    TypeError
        Where the activation is no function.

    Notes
    -----
    x is one sample, (n_in,), or a batch, (n, n_in), whose rows are examples: ``X @ W.T + b``.

    Source: the lecture, slide "multi-layer perceptrons".

    Examples
    --------
    >>> import nnlib
    >>> layer = Dense(2, 1, nnlib.sigmoid, W=[[1.0, -1.0]], b=[0.0])
    >>> layer
    Dense(2 -> 1, sigmoid)
    >>> layer([3.0, 3.0])
    array([0.5])
    >>> layer.affine([[1.0, 0.0], [0.0, 2.0]])
    array([[ 1.],
           [-2.]])
    """

    _W: Any
    _b: Any

    def __init__(
        self,
        n_in: int,
        n_out: int,
        activation: Callable[..., Any] = identity,
        *,
        W: Any = None,
        b: Any = None,
        init: Initialiser | None = None,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        n_in, n_out = whole(n_in, "n_in", "Dense", 1), whole(n_out, "n_out", "Dense", 1)
        if not callable(activation):
            raise TypeError(
                f"Dense takes an activation function, but got {activation!r}. Write activation=nnlib.relu."
            )
        self.activation = activation
        if W is None:
            init = init or (he_uniform if activation in (relu, leaky_relu) else glorot_uniform)
            W = init(n_out, n_in, generator(rng, "Dense"))
        self._W = _parameter(W, "W", (n_out, n_in))
        self._b = np.zeros(n_out, self._W.dtype) if b is None else _parameter(b, "b", (n_out,))

    @property
    def W(self) -> Any:  # noqa: N802
        """Weights, (n_out, n_in)."""
        return self._W

    @W.setter
    def W(self, W: Any) -> None:  # noqa: N802
        self._W[...] = _parameter(W, "W", self._W.shape)

    @property
    def b(self) -> Any:
        """Biases, (n_out,)."""
        return self._b

    @b.setter
    def b(self, b: Any) -> None:
        self._b[...] = _parameter(b, "b", self._b.shape)

    @property
    def n_in(self) -> int:
        """Number of inputs."""
        return int(self._W.shape[1])

    @property
    def n_out(self) -> int:
        """Number of neurons."""
        return int(self._W.shape[0])

    def affine(self, x: Any) -> Any:
        """Return the weighted sums ``z = W x + b``, before the activation.

        Parameters
        ----------
        x : array_like of shape (n_in,) or (n, n_in)
            One sample, or a batch.

        Returns
        -------
        ndarray of shape (n_out,) or (n, n_out)
            One sum a neuron.

        Raises
        ------
        ValueError
            Where the last axis of x has another size than n_in.
        """
        return self._run(x, FUSED[identity])

    def __call__(self, x: Any) -> Any:
        """Return h = f(W x + b), (n_out,) for one sample and (n, n_out) for a batch."""
        f = FUSED.get(self.activation)
        return self.activation(self._run(x, FUSED[identity])) if f is None else self._run(x, f)

    def _run(self, x: Any, f: Fused) -> Any:
        if type(x) is not np.ndarray and type(x) is not Tensor:
            x = floats(x, f"{self!r}: x")
        W, b = self._W, self._b
        try:
            if type(W) is Tensor is type(b) and b.tracing is W.tracing and type(W.value) is np.ndarray:
                # `_dense_of_any` written out for what a layer nearly always meets: a traced network, plain examples
                trace, slot, v = W.tracing, None, x
                if type(x) is Tensor and x.tracing is trace:
                    slot, v = x.slot, x.value
                if type(v) is np.ndarray:
                    vals = v, W.value, b.value, f
                    slots = slot, W.slot, b.slot, None
                    return record(trace, _dense(*vals), _dense_pull, _dense_push, slots, vals, None)
            return _dense_of_any(x, W, b, f)
        except (ValueError, TypeError):
            if x.shape[-1:] == self._W.shape[1:]:
                floats(raw(x), f"{self!r}: x")  # complains of text and the like
                raise
        raise ValueError(self._mismatch(x.shape)) from None

    def _mismatch(self, shape: Any) -> str:
        if not shape:
            return f"{self!r} takes inputs of size {self.n_in}, but x is a single number. Write [x]."
        hint = "Rows of x are examples."
        if len(shape) == 1 and self.n_in == 1:
            hint = "For examples of one feature, write x.reshape(-1, 1)."
        elif len(shape) == 2 and shape[0] == self.n_in:
            hint += " x looks turned round: try x.T."
        return (
            f"{self!r} takes inputs of size {self.n_in}, but the last axis of x has size {shape[-1]} "
            f"(x is {shape}). {hint}"
        )

    def leaves(self) -> list[Any]:
        """Return the parameter arrays: W, b."""
        return [self._W, self._b]

    def like(self, leaves: Iterable[Any]) -> Self:
        """Return a layer of this kind with other parameters, which are not copied."""
        layer = _new(type(self))
        layer._W, layer._b = leaves
        layer.activation = self.activation
        return layer

    def __repr__(self) -> str:
        f = self.activation
        return f"Dense({self.n_in} -> {self.n_out}, {getattr(f, '__name__', f)})"


def _parameter(value: Any, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    array = np.array(floats(value, f"Dense: {name}"))
    if array.shape != shape:
        hint = " One row a neuron: try W.T." if array.shape == shape[::-1] and name == "W" else ""
        raise ValueError(f"Dense: {name} has shape {array.shape}, but must have {shape}.{hint}")
    return array


class Sequential:
    """A network: layers one after another, ``DNN(x) = layer_L(... layer_2(layer_1(x)))``.

    Parameters
    ----------
    *layers : Dense, or anything with `leaves` and `like`, or a function
        First layer first. A function without parameters (`nnlib.relu`) may stand between layers, and a
        Sequential stands for its layers. The network takes copies: `net.layers[0]` is its own.

    Attributes
    ----------
    layers : tuple
        The layers.
    flat : ndarray
        Every parameter in one vector, of which the W and b of each layer are views: an optimiser
        changes it in place.
    n_parameters : int
        Its size.

    Raises
    ------
    ValueError
        Where a layer does not take what the one before it gives.

    Notes
    -----
    A gradient with respect to a network is a network: ``grad(loss)(net).layers[0].W`` is dE/dW.

    Examples
    --------
    >>> import nnlib
    >>> net = Sequential(Dense(2, 3, nnlib.tanh, rng=0), Dense(3, 1, nnlib.sigmoid, rng=1))
    >>> net
    Sequential(Dense(2 -> 3, tanh), Dense(3 -> 1, sigmoid))
    >>> net.n_parameters
    13
    >>> net([[0.0, 0.0], [1.0, 1.0]]).shape
    (2, 1)
    """

    copies = True  # what `like` does with plain leaves

    _flat: Any  # None inside grad
    _layers: tuple[Any, ...] | None  # made when first asked for: of a gradient, training needs _flat alone
    _model: list[tuple[Any, slice]]  # the layers as given, and which leaves are theirs
    _views: list[tuple[slice, tuple[int, ...]]]  # where each leaf lies in the vector, and its shape

    def __init__(self, *layers: Any) -> None:
        layers = tuple(part for layer in layers for part in getattr(layer, "layers", (layer,)))
        _check_chain(layers)
        leaves: list[Any] = []
        self._model, self._views = [], []
        for layer in layers:
            own = layer.leaves() if hasattr(layer, "leaves") else []
            self._model.append((layer, slice(len(leaves), len(leaves) + len(own))))
            leaves += own
        end = 0
        for leaf in leaves:
            self._views.append((slice(end, end + leaf.size), leaf.shape))
            end += leaf.size
        self._flat, self._layers = np.concatenate(leaves, axis=None) if leaves else np.zeros(0), None

    @property
    def layers(self) -> tuple[Any, ...]:
        """The layers, whose parameters are views of `flat`."""
        if self._layers is None:
            self._layers = self._with(self._cut(self._flat))
        return self._layers

    def _cut(self, flat: Any) -> list[Any]:
        """The leaves, as views of `flat`."""
        return [flat[i].reshape(shape) for i, shape in self._views]

    def _with(self, leaves: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(
            [layer.like(leaves[own]) if own.stop > own.start else layer for layer, own in self._model]
        )

    @property
    def flat(self) -> Any:
        """Every parameter, in one vector."""
        if self._flat is None:  # inside grad the leaves are traced one by one
            self._flat = np.concatenate([np.ravel(leaf) for leaf in self.leaves()])
        return self._flat

    @property
    def n_parameters(self) -> int:
        """How many numbers the network learns."""
        return sum(leaf.size for leaf in self.leaves())

    def __call__(self, x: Any) -> Any:
        """Return the output, (n_out,) for one sample and (n, n_out) for a batch."""
        for layer in self.layers:
            x = layer(x)
        return x

    def activations(self, x: Any) -> list[Any]:
        """Return what every layer gives.

        Parameters
        ----------
        x : array_like
            One sample, or a batch.

        Returns
        -------
        list of ndarray
            x itself, then the output h of each layer, first layer first.
        """
        h = [x if type(x) is Tensor else floats(x, "Sequential: x")]
        for layer in self.layers:
            h.append(layer(h[-1]))
        return h

    def astype(self, dtype: Any) -> Sequential:
        """Return a copy whose parameters have another float type, such as np.float32."""
        return self.like([leaf.astype(dtype) for leaf in self.leaves()])

    def copy(self) -> Sequential:
        """Return a network of its own with the same parameters."""
        return self.like(self.leaves())

    def leaves(self) -> list[Any]:
        """Return the parameter arrays of all layers, first layer first."""
        leaves: list[Any] = []
        for layer in self.layers:
            if hasattr(layer, "leaves"):
                leaves += layer.leaves()
        return leaves

    def like(self, leaves: Sequence[Any]) -> Sequential:
        """Return a network of this shape with other parameters; plain ones are laid into one vector."""
        if Tensor in map(type, leaves):
            return self._shaped(None, self._with(leaves))
        return self._shaped(np.concatenate(leaves, axis=None) if leaves else self._flat, None)

    def _shaped(self, flat: Any, layers: tuple[Any, ...] | None) -> Sequential:
        net = _new(Sequential)
        net._views, net._model, net._flat, net._layers = self._views, self._model, flat, layers
        return net

    def blank(self) -> tuple[Sequential | None, Sequence[Any]]:
        """Return a network of this shape to write into, and its parameter arrays; None if it does not pay."""
        if type(self._flat) is not np.ndarray or self._flat.size < 1 << 14:
            return None, ()
        net = self._shaped(np.empty_like(self._flat), None)
        return net, self._cut(net._flat)

    def __repr__(self) -> str:
        return f"Sequential({', '.join(repr(layer) for layer, _ in self._model)})"


def _check_chain(layers: Sequence[Any]) -> None:
    if not layers:
        raise ValueError(
            "Sequential takes at least one layer: Sequential(Dense(2, 3, nnlib.tanh), Dense(3, 1))."
        )
    size, source = None, ""
    for k, layer in enumerate(layers):
        if isinstance(layer, (list, tuple)):
            raise TypeError("Sequential takes layers one by one, not in a list: write Sequential(*layers).")
        if not callable(layer):
            raise TypeError(f"Sequential: layer {k} is {layer!r}, which can't be called on x.")
        n_in = getattr(layer, "n_in", None)
        if size is not None and n_in is not None and n_in != size:
            raise ValueError(
                f"Sequential: layer {k}, {layer!r}, takes {n_in} inputs, but {source} gives {size}."
            )
        if hasattr(layer, "n_out"):
            size, source = layer.n_out, f"layer {k}, {layer!r},"
