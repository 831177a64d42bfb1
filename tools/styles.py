"""Cut the style sheets down to the rules that can apply: a theme has rules for all it could show.

A rule goes when it asks for a class or an id that no page has and no script names. Names that a
script puts together, as Bootstrap does with `bs-tooltip-` and a side, count as named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools.memory import remembered

NAME = re.compile(r"[\w-]+")
SEARCH_INDEX = "searchindex.js"
CONDITIONAL = {"media", "supports"}
"""The at-rules that contain rules."""


class Names:
    """All names that may be used: words, and stems to which a script may add something."""

    def __init__(self, words: set[str], stems: tuple[str, ...]) -> None:
        self.words = words
        self.stems = stems

    def __contains__(self, name: str) -> bool:
        return name in self.words or name.startswith(self.stems)


def names_in(site: Path) -> Names:
    """All words that the pages and scripts of a site contain, and so all names they can use."""
    scripts = words_in(path for path in site.rglob("*.js") if path.name != SEARCH_INDEX)
    stems = tuple(sorted(f"{word}-" for word in scripts if "-" in word.strip("-")))
    return Names(words_in(site.rglob("*.html")) | scripts, stems)


def words_in(paths: Iterable[Path]) -> set[str]:
    found = (remembered(words, path.read_bytes()) for path in paths)
    return {word for one in found for word in one.decode().split()}


def words(text: bytes) -> bytes:
    """The words of a text, each once."""
    return " ".join(sorted(set(NAME.findall(text.decode("utf8", "replace"))))).encode()


def cut_styles(site: Path) -> None:
    """Rewrite the style sheets of `site` with what can apply only."""
    names = names_in(site)
    stems = " ".join(names.stems).encode()
    for path in sorted((site / "_static").rglob("*.css")):
        sheet = path.read_bytes()
        known = sorted(names.words & set(remembered(words, sheet).decode().split()))
        path.write_bytes(remembered(part, sheet, " ".join(known).encode(), stems))


def part(sheet: bytes, known: bytes, stems: bytes) -> bytes:
    """The rules of a style sheet that can apply where these words and stems are known."""
    import tinycss2

    names = Names(set(known.decode().split()), tuple(stems.decode().split()))
    rules = tinycss2.parse_stylesheet(sheet.decode(), skip_whitespace=True, skip_comments=True)
    return tinycss2.serialize(needed(rules, names)).encode()


def needed(rules: list[Any], names: Names) -> list[Any]:
    """The rules that can apply, with those of their selectors that can."""
    import tinycss2
    from tinycss2.ast import LiteralToken

    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [found for found in selectors_of(rule) if can_match(found, names)]
            if not selectors:
                continue
            comma = LiteralToken(0, 0, ",")
            rule.prelude = [token for found in selectors for token in (comma, *found)][1:]
        elif rule.type == "at-rule" and rule.lower_at_keyword in CONDITIONAL:
            inner = tinycss2.parse_rule_list(rule.content, skip_whitespace=True, skip_comments=True)
            rule.content = needed(inner, names)
            if not rule.content:
                continue
        kept.append(rule)
    return kept


def selectors_of(rule: Any) -> list[list[Any]]:
    """The tokens of each selector in the list that a rule begins with."""
    selectors: list[list[Any]] = [[]]
    for token in rule.prelude:
        if token == ",":
            selectors.append([])
        else:
            selectors[-1].append(token)
    return selectors


def can_match(selector: list[Any], names: Names) -> bool:
    """Whether every class and id that a selector asks for is known.

    What stands in brackets, as the alternatives of `:is()` or the exception of `:not()`, is not
    looked at.
    """
    for before, token in zip([None, *selector], selector, strict=False):
        is_name = token.type == "hash" or (token.type == "ident" and before == ".")
        if is_name and token.value not in names:
            return False
    return True
