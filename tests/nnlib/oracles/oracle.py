"""Oracles are other libraries that must give the same numbers.

Without one, its tests are skipped with the reason.
With REQUIRE_ORACLES=1 a missing oracle is an error.
"""

import importlib
import os

import pytest


def oracle(name):
    """Import an oracle, or skip the whole file."""
    try:
        return importlib.import_module(name)
    except ImportError:
        if os.environ.get("REQUIRE_ORACLES"):
            raise
        pytest.skip(f"{name} is not installed: pip install {name.split('.')[0]}", allow_module_level=True)
