"""Everything that grades: masters read and proven, release notebooks written.

An exercise is one text file, ``exercises/<id>/master.md``. The website imports nothing from here: it
reads the ``index.json`` that ``python -m grader release`` writes.
"""
