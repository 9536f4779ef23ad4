"""Neural networks in plain NumPy: one line of code for each formula of the course."""
