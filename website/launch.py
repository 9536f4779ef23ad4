"""Where a notebook runs: the addresses of each place, all from the one repository setting in _config.yml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

# The branch that holds the notebooks as Colab and Binder open them; .github/workflows/pages.yml writes it.
BRANCH = "notebooks"
GITHUB = re.compile(r"https://github\.com/([^/]+)/([^/]+?)(?:\.git)?/?")


@dataclass(frozen=True)
class Launch:
    """The places of one book.

    Parameters
    ----------
    repository : str
        The address of the repository; empty if there is none.
    """

    repository: str

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Launch:
        """Read ``repository`` of _config.yml."""
        return cls((config.get("repository") or {}).get("url") or "")

    @property
    def _github(self) -> str | None:
        found = GITHUB.fullmatch(self.repository)
        return f"{found[1]}/{found[2]}" if found else None

    @property
    def requirement(self) -> str:
        """What pip installs for the notebooks; a copy of the course if there is no repository."""
        return f"nnlib[course] @ git+{self.repository}" if self.repository else ".[course]"

    @property
    def install(self) -> str:
        """How to install it, as a part of a sentence."""
        command = f'`pip install "{self.requirement}"`'
        return (
            f"in a terminal with {command}" if self.repository else f"with {command} in a copy of the course"
        )

    def colab(self, name: str) -> str | None:
        """Return where Colab opens a notebook, such as ``chapters/01-neurons``; None if GitHub does not hold it."""
        if self._github is None:
            return None
        return f"https://colab.research.google.com/github/{self._github}/blob/{BRANCH}/{quote(name)}.ipynb"

    def binder(self, name: str) -> str | None:
        """Return where Binder opens a notebook; None if GitHub does not hold it."""
        if self._github is None:
            return None
        return f"https://mybinder.org/v2/gh/{self._github}/{BRANCH}?urlpath=lab/tree/{quote(name)}.ipynb"


def browser(name: str, root: str = "") -> str:
    """Return where the site itself runs a notebook; `root` leads from the page to the site's first folder."""
    return f"{root}lite/notebooks/index.html?path={quote(name)}.ipynb"
