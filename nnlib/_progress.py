"""Progress of a long fit: a tqdm bar where tqdm is installed, a few lines of text elsewhere. Imports it lazily."""

from __future__ import annotations

import importlib
from types import TracebackType
from typing import Any, Self

LINES = 20


class Progress:
    """Shows epochs as they pass, if asked to."""

    def __init__(self, who: str, epochs: int, wanted: bool) -> None:
        self.who, self.epochs, self.wanted, self.bar = who, epochs, wanted, None

    def __enter__(self) -> Self:
        if self.wanted:
            try:
                tqdm: Any = importlib.import_module("tqdm.auto")
            except ImportError:
                pass
            else:
                self.bar = tqdm.tqdm(total=self.epochs, desc=self.who, unit="epoch")
        return self

    def show(self, epoch: int, loss: float, scores: list[float]) -> None:
        """Tell where training is: the loss, and the last score on held-out examples."""
        if not self.wanted:
            return
        told = f"loss {loss:.4g}" + (f", held-out score {scores[-1]:.3f}" if scores else "")
        if self.bar is not None:
            self.bar.set_postfix_str(told, refresh=False)
            self.bar.update()
        elif epoch == 1 or epoch % max(1, self.epochs // LINES) == 0:
            print(f"{self.who}: epoch {epoch} of {self.epochs}, {told}", flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.close()
