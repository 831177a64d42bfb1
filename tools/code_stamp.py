"""Whether anything on the pages has to be executed, found without loading Jupyter.

When all code is executed, a stamp is left in the execution cache: a digest of all code on the
pages. As long as it holds there is nothing to do. What is taken for code errs on the large side; a
change that is none costs a look by `tools.execute`, which knows.
"""

from __future__ import annotations

import hashlib
import json
import re

from tools import execution_cache
from tools.fingerprint import digest, files_below
from tools.paths import ROOT

FRONT_MATTER = re.compile(r"\A---\n.*?^---$", re.DOTALL | re.MULTILINE)
CODE_CELL = re.compile(
    r"^(?P<fence>`{3,}|~{3,}|:{3,})\{code-cell\}.*?^(?P=fence)", re.DOTALL | re.MULTILINE
)
STAMP = "all-code-executed.json"


def code(page: str) -> list[str]:
    """What may decide what runs on a page: its front matter, and all that looks like a cell."""
    front = FRONT_MATTER.match(page)
    return [front[0] if front else "", *(cell[0] for cell in CODE_CELL.finditer(page))]


def code_digest() -> str:
    """A digest of which pages there are, what runs on them and how it is run."""
    rules = [ROOT / "_toc.yml", ROOT / "_config.yml", *files_below(ROOT / "tools")]
    total = hashlib.sha256(digest(rules).encode())
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("[!._]*/*.md")]):
        name = path.relative_to(ROOT).as_posix()
        total.update(json.dumps([name, *code(path.read_text("utf8"))]).encode())
    return total.hexdigest()


def leave_stamp(reads: dict[str, str]) -> None:
    """Note that everything is executed, by which files other than the library's it was decided."""
    content = json.dumps({"code": code_digest(), "reads": reads})
    (execution_cache.cache_directory() / STAMP).write_text(content, "utf8")


def forget_stamp() -> None:
    """Have `tools.execute` look at every entry of the cache: one of them may be damaged."""
    (execution_cache.cache_directory() / STAMP).unlink(missing_ok=True)


def all_code_is_executed() -> bool:
    """Whether all code on the pages was executed with the present library."""
    path = execution_cache.cache_directory() / STAMP
    if not path.exists():
        return False
    stamp = json.loads(path.read_text("utf8"))
    return stamp["code"] == code_digest() and execution_cache.unchanged(stamp["reads"])
