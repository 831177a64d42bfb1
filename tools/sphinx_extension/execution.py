"""Read executed chapters from the cache that belongs to the present library."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.config import Config

from tools.execution_cache import cache_directory, enter_environment


def use_keyed_cache(app: Sphinx, config: Config) -> None:
    enter_environment()
    config.nb_execution_cache_path = str(cache_directory())


def setup(app: Sphinx) -> None:
    app.connect("config-inited", use_keyed_cache)
