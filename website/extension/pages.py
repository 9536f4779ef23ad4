"""Small directives that give a page its rhythm: ``aim``, ``lead``, ``caption`` and ``exercise-link``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from website import launch, reading

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


class aim(nodes.General, nodes.Element):  # noqa: N801  (docutils names its nodes in lower case)
    """What the reader will be able to do, and in how many minutes."""


class Aim(SphinxDirective):
    """``aim``: a list of three abilities; the minutes are measured from the page itself."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Check that there are three."""
        parsed = self.parse_content_to_nodes()
        items = parsed[0].children if len(parsed) == 1 and isinstance(parsed[0], nodes.bullet_list) else []
        if len(items) != 3:
            raise self.error(
                f"{{aim}} takes a list of exactly three things the reader will be able to do, not {len(items)}."
            )
        box = aim(minutes=reading.minutes(Path(self.get_source_info()[0]).read_text(encoding="utf-8")))
        parsed[0]["classes"].append("nn-aim-list")
        box += parsed[0]
        return [box]


def visit_aim(self: HTML5Translator, node: aim) -> None:
    """Open the box with the minutes."""
    self.body.append(
        f'<div class="nn-aim"><p class="nn-minutes">About {node["minutes"]} minutes. Afterwards you can:</p>'
    )


def depart_aim(self: HTML5Translator, node: aim) -> None:
    """Close the box."""
    self.body.append("</div>\n")


class Classed(SphinxDirective):
    """A block of text with a class of its own."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Put the class on each paragraph."""
        parsed = self.parse_content_to_nodes()
        for node in parsed:
            if not isinstance(node, nodes.paragraph):
                raise self.error(f"{{{self.name}}} takes paragraphs only.")
            node["classes"].append(f"nn-{self.name}")
        return parsed


class ExerciseLink(SphinxDirective):
    """``exercise-link``: the exercise's title, difficulty, minutes and points, and its notebook to run or download."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read what the release step wrote about the exercise."""
        key = self.arguments[0]
        folder = Path(self.config.nn_exercises)
        if not folder.is_absolute():
            folder = Path(self.env.srcdir) / folder
        index = folder / "index.json"
        if not index.is_file():
            raise self.error(f"there are no release notebooks in {folder}: run 'make exercises' first.")
        self.env.note_dependency(str(index))
        entries = {entry["id"]: entry for entry in json.loads(index.read_text(encoding="utf-8"))["exercises"]}
        if key not in entries:
            raise self.error(f"there is no exercise {key!r}; there are: {', '.join(sorted(entries))}.")
        entry = entries[key]
        up = "../" * self.env.docname.count("/")
        facts = f"{entry['difficulty']} · about {entry['minutes']} minutes · {entry['points']} points"
        name = f"exercises/{entry['file'].removesuffix('.ipynb')}"
        run = (
            f'<a class="nn-download" href="{launch.browser(name, up)}">Run it in the browser</a> '
            if self.config.nn_lite
            else ""
        )
        html = (
            f'<div class="nn-exercise"><p class="nn-exercise-title">{entry["title"]}</p>'
            f'<p class="nn-exercise-facts">{facts}</p>'
            f'<p>{run}<a class="nn-download" href="{up}notebooks/exercises/{entry["file"]}" download>'
            f"Download the exercise notebook</a></p></div>"
        )
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> None:
    """Register nodes, directives and the folder of the released exercises."""
    app.add_config_value("nn_exercises", "_build/exercises", "env", types=(str,))
    app.add_node(aim, html=(visit_aim, depart_aim))
    app.add_directive("aim", Aim)
    app.add_directive("lead", Classed)
    app.add_directive("caption", Classed)
    app.add_directive("exercise-link", ExerciseLink)
