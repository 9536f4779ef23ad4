"""The book's sources as data: its pages, their structure, and their plain-Markdown form.

``source`` reads the configuration, the table of contents and the pages; ``index`` knows where every label,
equation, theorem and term stands; ``citations`` knows the references; ``render`` writes MyST as the plain
Markdown that a notebook shows. Nothing here starts a kernel or Sphinx.
"""
