import pytest
from hypothesis import settings

# The rules are plain asserts in a module that is not a test: let pytest explain them too.
pytest.register_assert_rewrite("tests.functional.rules")

# The same examples in every run, and nothing left behind.
settings.register_profile("reproducible", derandomize=True, database=None, deadline=None)
settings.load_profile("reproducible")
