"""Property tests: the same examples on every machine, and no clock, which a busy machine would fail."""

from hypothesis import settings

settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")
