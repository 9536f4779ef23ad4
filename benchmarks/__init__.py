"""How fast nnlib is, measured beside the libraries that its readers know. `make bench` runs it.

harness.py       two ways of doing the same work: first checked to agree, then timed in turn
autodiff.py      derivatives of a small network, by network and by plain NumPy
scalar.py        graphs of single numbers
perceptron.py    the perceptron's rule
networks.py      training
report.py        results.json -> table.md and figure.html, which the book's page shows
"""
