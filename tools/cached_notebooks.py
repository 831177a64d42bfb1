"""The entries of the execution cache: executed notebooks, found by the code of their cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, CacheBundleOut, JupyterCacheAbstract

from tools import execution_cache
from tools.execution_cache import foundation, older_caches, unchanged


def find(cache: JupyterCacheAbstract, notebook: nbformat.NotebookNode) -> CacheBundleOut | None:
    """What the cache has of `notebook`; a damaged entry counts as absent."""
    try:
        return cache.get_cache_bundle(cache.match_cache_notebook(notebook).pk)
    except (KeyError, ValueError):
        return None


def is_cached(cache: JupyterCacheAbstract, notebook: nbformat.NotebookNode) -> bool:
    """Whether the cache of the present library has `notebook`, and all else it read is the same."""
    found = find(cache, notebook)
    return found is not None and unchanged(found.record.data.get("reads") or {})


def take_over(cache: JupyterCacheAbstract, notebook: nbformat.NotebookNode, uri: str) -> bool:
    """Copy an older version's outputs of `notebook` into `cache` if they would be the same now."""
    for folder in older_caches():
        found = find(get_cache(str(folder)), notebook)
        kept = found.record.data if found is not None else {}
        if (
            found is not None
            and kept.get("reads")
            and kept["foundation"] == foundation()
            and unchanged(kept["reads"])
        ):
            store(cache, found.nb, uri, kept)
            return True
    return False


def store(
    cache: JupyterCacheAbstract, notebook: nbformat.NotebookNode, uri: str, kept: dict[str, Any]
) -> None:
    """Put an executed notebook into the cache, with what is `kept` beside its outputs."""
    bundle = CacheBundleIn(notebook, uri, data=kept)
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def newest_entries() -> Iterator[tuple[str, dict[str, Any]]]:
    """The path of each page and what was kept with its outputs when it was last executed."""
    seen = set()
    for folder in [execution_cache.cache_directory(), *older_caches()]:
        entries = get_cache(str(folder)).list_cache_records() if folder.exists() else []
        for entry in sorted(entries, key=lambda entry: entry.created, reverse=True):
            if entry.uri not in seen:
                seen.add(entry.uri)
                yield entry.uri, entry.data


def last_seconds() -> dict[str, float]:
    """How long each page took when it was last executed, by the page's path."""
    return {uri: kept.get("execution_seconds", 0.0) for uri, kept in newest_entries()}


def reads_outside_the_library() -> dict[str, str]:
    """What the pages read besides the library when they were last executed, with digests."""
    return {
        name: before
        for _, kept in newest_entries()
        for name, before in (kept.get("reads") or {}).items()
        if not name.startswith("lib/")
    }
