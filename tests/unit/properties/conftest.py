"""The same inputs in every run of the tests; `make fuzz` is for ever new ones."""

from hypothesis import settings

settings.register_profile("tests", derandomize=True, deadline=None, database=None)
settings.load_profile("tests")
