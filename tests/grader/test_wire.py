from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grader import wire
from grader.checks import frozen

NUMBERS = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.booleans()
TEXTS = st.none() | st.text(st.characters(codec="utf-8"), max_size=20)
ARRAYS = arrays.arrays(
    st.sampled_from(["b1", "i1", "<i8", "<u4", "<f4", "<f8", "<c16"]),
    arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
KEYS = st.one_of(st.text(max_size=5), st.integers(-100, 100))
VALUES = st.recursive(
    NUMBERS | TEXTS | ARRAYS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.tuples(inner, inner), st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=10,
)
# What a hostile worker may put into a header: the grammar's own words, in any order.
WORDS = st.sampled_from(["l", "t", "d", "a", "s", "h", "n", "g", "u", "o", "<f8", "|b1", "|O", "x"])
NODES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(st.text(max_size=3), inner, max_size=3),
        st.tuples(WORDS, inner).map(list), st.tuples(WORDS, inner, inner).map(list),
    ),
    max_leaves=20,
)  # fmt: skip


def refuse(tag: object, *_: object) -> Any:
    raise wire.WireError(f"no {tag}")


def nothing(value: object) -> wire.Node:
    raise TypeError(f"no {type(value)}")


@given(VALUES)
def test_values_come_back_as_they_went(value: Any) -> None:
    encoder = wire.Encoder(nothing)
    node = json.loads(json.dumps(encoder.node(value)))
    decoder = wire.Decoder(memoryview(b"".join(encoder.body)), refuse)
    came = decoder.node(node)
    assert type(came) is type(value)
    assert frozen(came) == frozen(value)
    decoder.finish()


@given(NODES, st.binary(max_size=40))
@settings(max_examples=500)
def test_whatever_comes_is_decoded_or_refused(node: Any, body: bytes) -> None:
    decoder = wire.Decoder(memoryview(body), refuse)
    try:
        value = decoder.node(node)
        decoder.finish()
    except wire.WireError:
        return
    frozen(value)  # plain data, all of it


@pytest.mark.parametrize(
    "value",
    [
        10**30, "x" * 100_000, [0] * 200_000, np.zeros(3, object), np.array(["text"]), np.zeros(3, "M8[s]"),
        np.broadcast_to(np.float64(0), (10_000, 10_000)), {(1, 2): 3}, object(), {1, 2}, 1j,
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_does_not_travel_is_named(value: Any) -> None:
    with pytest.raises(TypeError, match=r"\w+"):
        wire.Encoder(nothing).node(value)


@pytest.fixture
def pair() -> Iterator[tuple[wire.Channel, wire.Channel]]:
    (read_one, write_two), (read_two, write_one) = os.pipe(), os.pipe()
    channels = wire.Channel(read_one, write_one), wire.Channel(read_two, write_two)
    yield channels
    for channel in channels:
        channel.close()


def test_frames_arrive_in_order(pair: tuple[wire.Channel, wire.Channel]) -> None:
    one, two = pair
    for number in range(3):
        one.send({"n": number}, [b"a", b"b"], time.monotonic() + 5)
        header, body = two.receive(time.monotonic() + 5)
        assert (header, bytes(body)) == ({"n": number}, b"ab")
    assert two.quiet()


def test_a_wait_ends_at_its_deadline(pair: tuple[wire.Channel, wire.Channel]) -> None:
    one, two = pair
    with pytest.raises(wire.Late):
        two.receive(time.monotonic() + 0.05)
    with pytest.raises(wire.Late):  # nobody reads
        one.send({}, [bytes(wire.MAX_BODY)], time.monotonic() + 0.05)
