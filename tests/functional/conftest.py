import pytest

# The rules are plain asserts in a module that is not a test: let pytest explain them too.
pytest.register_assert_rewrite("tests.functional.rules")
