"""Ties the book to the cache of executed notebooks, so that a change in nnlib can never leave a stale page.

The cache's folder is named by a hash of nnlib and of the packages that draw; the same hash is a configuration value
that every page depends on, so that Sphinx reads all pages anew when it changes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from website import execute

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config


def use_cache(app: Sphinx, config: Config) -> None:
    """Point myst-nb at the cache that belongs to the code as it is now."""
    root = Path(app.srcdir)
    config.nb_execution_mode = "cache"  # type: ignore[attr-defined]
    config.nb_execution_cache_path = str(execute.cache_path(root))  # type: ignore[attr-defined]
    config.nn_code_hash = f"{execute.code_hash(root)} {execute.optional_versions()}"  # type: ignore[attr-defined]


def setup(app: Sphinx) -> None:
    """Register the value and the hook; it runs before myst-nb reads its configuration."""
    app.add_config_value("nn_code_hash", "", "env", types=(str,))
    app.connect("config-inited", use_cache, priority=1)
