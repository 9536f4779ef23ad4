"""A book of two chapters, a glossary and a bibliography that uses everything a chapter may use."""

from __future__ import annotations

from pathlib import Path

HEAD = """\
---
jupytext: {text_representation: {extension: .md, format_name: myst, format_version: 0.13}}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

"""

CONFIG = """\
title: Small
repository: {url: https://example.org/course}
parse: {myst_enable_extensions: [amsmath, colon_fence, deflist, dollarmath]}
html: {baseurl: "https://example.org/book/"}
bibtex_bibfiles: [references.bib]
"""

TOC = """\
format: jb-book
root: index
parts:
  - caption: Neurons
    numbered: true
    chapters:
      - file: chapters/01-one
      - file: chapters/02-two
  - caption: Reference
    chapters:
      - file: glossary
      - file: bibliography
"""

REFERENCES = r"""
@article{one, author = {Frank Rosenblatt}, title = {The perceptron}, journal = {Review}, year = {1958}}
@book{two, author = {Ada Lovelace and Kurt G{\"o}del}, title = {Notes}, publisher = {Here}, year = {1843}}
@article{three, author = {A. A and B. B and C. C}, title = {Many}, journal = {J}, year = {2001}}
"""

GLOSSARY = """\
# Glossary

```{glossary}
weighted sum
  The sum of inputs times weights.

bias
  The number that is added.
```
"""

CHAPTER_ONE = (
    HEAD
    + r"""(ch-one)=
# The *first* chapter

```{aim}
- Add numbers
- Read $x_1$
- Ask
```

```{lead}
A neuron asks **one question** of its inputs.
```

A {term}`weighted sum` and {term}`two of them <bias>` {cite}`one`, {cite:t}`two`, {cite}`two,three`.
Costs \$5, not *much*, `co$de` and ``a`b``.[^aside] See {ref}`ch-two`, [there](#ch-two), {eq}`eq-sum`,
[next](02-two.md), {doc}`02-two`, {prf:ref}`thm-far` and [](#a-sum-is-a-vote).

[^aside]: A note with $n$ in it.

% a comment for authors

## A sum is a vote

$$
z = \sum_i w_i x_i + b
$$ (eq-sum)

```{math}
:label: eq-lines
a &= b \\
c &= d
```

$$
\begin{aligned}
p &= q
\end{aligned}
$$

\begin{align}
u &= v
\end{align}

```{predict} Where is $z = 0$?
:name: predict-zero
- [ ] At the origin
  > There the sum is $b$.
- [x] On a line,
  and nowhere else
  > One equation leaves one freedom.
```

<!-- for authors -->

```{code-cell} ipython3
:tags: [remove-cell]

import nnlib
```

```{code-cell} ipython3
print("the value is", nnlib.VALUE)
2 + 2
```

```{caption}
**The point in bold.** The rest, with $w$.
```

```{prf:theorem} How far
:label: thm-far
Let $w \ne 0$. Then

$$
d = \frac{z}{\lVert w \rVert} .
$$
```

````{prf:proof}
Divide.
```{math}
1 = 1
```
````

:::{note}
A {term}`bias` is
- a number
- of its own

and [a link](https://example.org "title") or <https://example.org/a>.
:::

```{admonition} By the way
:class: tip
Yes.
```

| a | b |
|:--|--:|
| $x$ | {eq}`eq-lines` |

Term
: Its meaning.

1. first

   ```python
   code = "{cite}`one`"
   ```
2. second

```{quiz} Is it so?
:name: quiz-so
- [x] Yes
  > It is.
- [ ] No
  > It is, after all.
```

## Sources

```{bibliography}
:filter: docname in docnames
```
"""
)

CHAPTER_TWO = (
    HEAD
    + r"""(ch-two)=
# The second chapter

$$ y = 1 $$ (eq-second)

```{prf:theorem}
:label: thm-second
True.
```

By {eq}`eq-sum` and {eq}`eq-second`, {prf:ref}`thm-second`.

```{code-cell} ipython3
import os
import sys

print(os.path.basename(os.getcwd()), os.environ["PYTHONHASHSEED"])
print(sys.executable)
```
"""
)


def write(root: Path, **chapters: str) -> Path:
    """Write the book below `root`; keyword arguments replace the text of chapter ``one`` or ``two``."""
    (root / "chapters").mkdir(parents=True)
    (root / "nnlib").mkdir()
    pages = {
        "_config.yml": CONFIG,
        "_toc.yml": TOC,
        "references.bib": REFERENCES,
        "index.md": "# Small\n",
        "glossary.md": GLOSSARY,
        "bibliography.md": "# Bibliography\n\n```{bibliography}\n```\n",
        "chapters/01-one.md": chapters.get("one", CHAPTER_ONE),
        "chapters/02-two.md": chapters.get("two", CHAPTER_TWO),
        "nnlib/__init__.py": "VALUE = 1\n",
    }
    for name, text in pages.items():
        (root / name).write_text(text, encoding="utf-8")
    return root
