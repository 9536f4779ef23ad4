"""Predictions and quizzes in a notebook: the same cards as on the site."""

from __future__ import annotations

from collections.abc import Sequence

import traitlets

from nnlib.explorables._base import Explorable, View, module, one_of, style

KINDS = ("predict", "quiz")


class QuestionView(View):
    """The card."""

    _esm = module("question")
    _css = style("question")
    prompt = traitlets.Unicode().tag(sync=True)
    options: traitlets.List[list[object]] = traitlets.List().tag(sync=True)
    kind = traitlets.Enum(KINDS, "quiz").tag(sync=True)


class Question(Explorable):
    """A question with options; each option explains itself when it is chosen.

    Parameters
    ----------
    prompt : str
        The question, as HTML.
    options : sequence of (text, right, explanation)
        What can be chosen, whether it is right, and what is said then; both texts as HTML.
    kind : {"quiz", "predict"}
        A quiz invites another try after a wrong answer; a prediction is answered once, before a figure moves.

    Raises
    ------
    ValueError
        When there are fewer than two options, when none is right, or when one has no explanation.

    Examples
    --------
    >>> card = Question(
    ...     "What is the sum at the origin?",
    ...     [("0", False, "Both products are 0, but the bias stays."), ("The bias", True, "All else is 0.")],
    ... )
    >>> card.kind
    'quiz'
    """

    def __init__(self, prompt: str, options: Sequence[tuple[str, bool, str]], kind: str = "quiz") -> None:
        if not prompt.strip():
            raise ValueError("The prompt is empty. Write the question.")
        if len(options) < 2:
            raise ValueError(f"There are {len(options)} options. Give at least two to choose from.")
        for i, option in enumerate(options):
            if len(option) != 3 or not all(str(part).strip() for part in (option[0], option[2])):
                raise ValueError(
                    f"options[{i}] is {option!r}. Write (text, right, explanation): what can be chosen, "
                    f"True or False, and what is said then."
                )
        if not any(right for _, right, _ in options):
            raise ValueError("No option is right. Mark at least one with True.")
        cards = [[str(text), bool(right), str(why)] for text, right, why in options]
        view = QuestionView(prompt=prompt, options=cards, kind=one_of("kind", kind, KINDS))
        super().__init__(view, values=["prompt", "options", "kind"])
