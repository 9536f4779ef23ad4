"""Prediction and quiz cards: the directives ``predict`` and ``quiz``.

A card is a question, and a list of options; a quotation below each option explains it::

    ```{quiz} All three numbers are doubled. What happens to the picture?
    :name: quiz-doubled
    - [x] The line stays, the tint sharpens
      > The line is where $z = 0$, and $2z = 0$ in the same places.
    - [ ] The line turns
      > Direction is the ratio of $w_1$ to $w_2$, and doubling both keeps it.
    ```

The page carries a form that reads well without scripts; nnlib/explorables/question.js gives the feedback. A prediction
locks the next explorable of its page until it is answered.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from website.extension import spoken

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import OptionSpec
    from sphinx.writers.html5 import HTML5Translator

TITLES = {"predict": "Predict", "quiz": "Check yourself"}
BOX = re.compile(r"^\[( |x|X)\]\s+")


class card(nodes.General, nodes.Element):  # noqa: N801  (docutils names its nodes in lower case)
    """A question with options; holds one card_question and the options."""


class card_question(nodes.General, nodes.TextElement):  # noqa: N801
    """The question; its text may hold links."""


class card_option(nodes.General, nodes.TextElement):  # noqa: N801
    """An option: its label, which may hold links, then its explanation."""


class card_say(nodes.General, nodes.Element):  # noqa: N801
    """What is said when the option is chosen."""


class Card(SphinxDirective):
    """The directives ``predict`` and ``quiz``."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[OptionSpec] = {"name": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Turn the list of options into nodes; anything else is an error that shows the form."""
        if "name" not in self.options:
            raise self.error(f"{{{self.name}}} needs a :name:, so that the page remembers its answer.")
        lists = [n for n in self.parse_content_to_nodes() if not isinstance(n, nodes.comment)]
        if len(lists) != 1 or not isinstance(lists[0], nodes.bullet_list):
            raise self.error(
                f"{{{self.name}}} takes one list: '- [ ] option', and below it '  > explanation'."
            )
        name = self.options["name"]
        box = card(kind=self.name, name=name, ids=[nodes.make_id(name)])
        self.set_source_info(box)
        if box["ids"][0] in self.state.document.ids:
            raise self.error(f"another element of this page is named {name!r}: choose a new :name:.")
        self.state.document.note_explicit_target(box)
        question = card_question()
        text, messages = self.parse_inline(self.arguments[0])
        question += text
        box += question
        box += [self.option(i, item) for i, item in enumerate(lists[0].children)]
        if not any(o["right"] for o in box.findall(card_option)):
            raise self.error(f"{{{self.name}}} {name}: mark at least one option as right with [x].")
        return [box, *messages]

    def option(self, index: int, item: nodes.Node) -> card_option:
        """One option from one item of the list: a paragraph that begins with a box, and a quotation."""
        parts = list(item.children)
        head = parts[0].astext() if parts else ""
        match = BOX.match(head)
        if len(parts) != 2 or not match or not isinstance(parts[1], nodes.block_quote):
            raise self.error(
                f"option {index + 1} of {{{self.name}}} is not of the form '- [ ] text' with one line "
                f"'  > explanation' below it: {head[:60]!r}"
            )
        label = parts[0].deepcopy()
        first = next(label.findall(nodes.Text))
        first.parent.replace(first, nodes.Text(BOX.sub("", first.astext())))
        option = card_option(index=index, right=match[1] in "xX")
        option += label.children
        say = card_say(index=index)
        say += parts[1].children
        option += say
        return option


def visit_card(self: HTML5Translator, node: card) -> None:
    """Open the form."""
    name, kind = node["ids"][0], node["kind"]
    self.body.append(
        f'<form class="nn-card nn-{kind}" id="{name}" data-kind="{kind}"><fieldset><legend>'
        f"<small>{TITLES[kind]}</small><span>"
    )


def depart_card(self: HTML5Translator, node: card) -> None:
    """Close the form; the explanations wait in templates until they are asked for."""
    self.body.append('</div></fieldset><div class="nn-feedback" role="status"></div>')
    self.body.extend(node.attributes.pop("says", []))
    self.body.append("</form>\n")


def depart_question(self: HTML5Translator, node: card_question) -> None:
    """Close the question and open the options."""
    self.body.append('</span></legend><div class="nn-opts">')


def visit_option(self: HTML5Translator, node: card_option) -> None:
    """Open one option."""
    right = " data-right" if node["right"] else ""
    name = node.parent["ids"][0]
    node["from"] = len(self.body)
    self.body.append(
        f'<label><input type="radio" name="{name}" value="{node["index"]}"{right}><span class="nn-opt">'
    )


def visit_say(self: HTML5Translator, node: card_say) -> None:
    """Close the label, and collect the explanation aside: a template may not stand among the options."""
    start = node.parent.attributes.pop("from")
    words = spoken.only_math("".join(self.body[start:]))
    if words:  # a formula alone gives the field no name
        self.body[start] = self.body[start].replace("<input ", f'<input aria-label="{escape(words)}" ')
    self.body.append("</span></label>")
    node["from"] = len(self.body)


def depart_say(self: HTML5Translator, node: card_say) -> None:
    """Move what was written since `visit_say` to the end of the card."""
    start = node.attributes.pop("from")
    html = "".join(self.body[start:])
    del self.body[start:]
    owner = node.parent.parent
    owner.setdefault("says", []).append(
        f'<template class="nn-say" data-for="{node["index"]}">{html}</template>'
    )


def _nothing(self: HTML5Translator, node: nodes.Element) -> None:
    """Write nothing."""


def setup(app: Sphinx) -> None:
    """Register nodes and directives."""
    app.add_node(card, html=(visit_card, depart_card))
    app.add_node(card_question, html=(_nothing, depart_question))
    app.add_node(card_option, html=(visit_option, _nothing))
    app.add_node(card_say, html=(visit_say, depart_say))
    for name in TITLES:
        app.add_directive(name, Card)
