"""A site that is not the one that was built is found out, as files and on the web."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tools.published import RECORD, check, keep_wheels, record, wait_for
from tools.serve import QuietHandler

OLD, NEW = "0ld", "2ew"


class Handler(QuietHandler):
    """Promises for each of `broken` once more than it sends, as when an answer breaks off."""

    broken: ClassVar[set[str]] = set()

    def send_header(self, keyword: str, value: str) -> None:
        name = self.path.partition("?")[0].lstrip("/")
        if keyword == "Content-Length" and name in self.broken:
            self.broken.remove(name)
            value = str(int(value) + 1)
        super().send_header(keyword, value)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A site of the commit NEW."""
    site = tmp_path / "new"
    (site / "chapters").mkdir(parents=True)
    (site / "index.html").write_text("new", "utf8")
    (site / "chapters/a page.html").write_text("page", "utf8")
    record(site, NEW)
    return site


@pytest.fixture
def host(tmp_path: Path, built: Path) -> Iterator[tuple[str, Path]]:
    """An address of this machine and the folder that it serves: at first the site of OLD."""
    served = tmp_path / "served"
    shutil.copytree(built, served)
    (served / "index.html").write_text("old", "utf8")
    record(served, OLD)
    handler = partial(Handler, directory=str(served))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", served
        server.shutdown()
        thread.join()


def test_the_site_that_was_built_is_taken(built: Path) -> None:
    assert check(built, NEW) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda site: (site / "index.html").write_text("n"), "index.html is another file"),
        (lambda site: (site / "index.html").unlink(), "index.html is missing"),
        (lambda site: (site / "more.html").write_text("n"), "more.html was added"),
        (lambda site: record(site, OLD), "it was built from 0ld, not from 2ew"),
        (lambda site: (site / RECORD).unlink(), f"{RECORD} is missing"),
    ],
)
def test_any_other_site_is_refused(
    built: Path, change: Callable[[Path], object], said: str
) -> None:
    change(built)
    assert check(built, NEW) == [said]


def test_a_folder_without_a_book_gets_no_record(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no index\.html"):
        record(tmp_path, NEW)


def test_the_old_site_is_not_taken_for_the_new_one(host: tuple[str, Path]) -> None:
    address, _ = host
    problems = wait_for(address, NEW, patience=0.1, pause=0.01)
    assert problems == ["the site is the one of 0ld, not of 2ew"]


def test_the_new_site_is_waited_for(host: tuple[str, Path], built: Path) -> None:
    address, served = host
    deployed = threading.Timer(0.1, shutil.copytree, [built, served], {"dirs_exist_ok": True})
    deployed.start()
    assert wait_for(address, NEW, patience=30, pause=0.01) == []
    deployed.join()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda served: (served / "index.html").write_text("old"), "index.html is another file"),
        (lambda served: (served / "chapters/a page.html").unlink(), "chapters/a page.html: "),
    ],
)
def test_a_site_of_which_parts_are_old_is_not_taken(
    host: tuple[str, Path], built: Path, change: Callable[[Path], object], said: str
) -> None:
    address, served = host
    shutil.copytree(built, served, dirs_exist_ok=True)
    change(served)
    (problem,) = wait_for(address, NEW, patience=0, pause=0.01)
    assert problem.startswith(said)


def test_wheels_of_earlier_versions_are_kept(host: tuple[str, Path], built: Path) -> None:
    """A notebook that was opened before the new version still finds the library it asks for."""
    address, served = host
    old, new = (f"lib/chainrule-{version}-py3-none-any.whl" for version in ("0.1.0", "0.2.0"))
    (served / "lib").mkdir()
    for name in (old, new, "lib/other.whl"):
        (served / name).write_bytes(b"published")
    record(served, OLD)
    (built / "lib").mkdir()
    (built / new).write_bytes(b"built")
    assert keep_wheels(built, f"{address}/") == [old]
    assert (built / old).read_bytes() == b"published"
    assert (built / new).read_bytes() == b"built"
    assert not (built / "lib/other.whl").exists()


def test_a_wheel_that_is_not_the_published_one_is_not_kept(
    host: tuple[str, Path], built: Path
) -> None:
    address, served = host
    old = "lib/chainrule-0.1.0-py3-none-any.whl"
    (served / "lib").mkdir()
    (served / old).write_bytes(b"published")
    record(served, OLD)
    (served / old).write_bytes(b"half")
    with pytest.raises(SystemExit, match="is not the file that was published"):
        keep_wheels(built, f"{address}/")
    assert not (built / old).exists()


@pytest.mark.parametrize("name", [RECORD, "lib/chainrule-0.1.0-py3-none-any.whl"])
def test_a_wheel_that_cannot_be_fetched_is_said(
    host: tuple[str, Path], built: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    address, served = host
    (served / "lib").mkdir()
    (served / "lib/chainrule-0.1.0-py3-none-any.whl").write_bytes(b"published")
    record(served, OLD)
    monkeypatch.setattr(Handler, "broken", {name})
    with pytest.raises(SystemExit, match=rf"{name} could not be fetched: IncompleteRead.*again"):
        keep_wheels(built, f"{address}/")
    assert not (built / "lib").exists()


def test_a_first_publication_keeps_nothing(host: tuple[str, Path], built: Path) -> None:
    address, served = host
    (served / RECORD).unlink()
    assert keep_wheels(built, f"{address}/") == []


@pytest.mark.parametrize("name", [RECORD, "index.html"])
def test_an_answer_that_breaks_off_is_waited_out(
    host: tuple[str, Path], built: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    address, served = host
    shutil.copytree(built, served, dirs_exist_ok=True)
    monkeypatch.setattr(Handler, "broken", {name})
    (problem,) = wait_for(address, NEW, patience=0)
    assert f"{name}: " in problem
    assert "IncompleteRead" in problem
    monkeypatch.setattr(Handler, "broken", {name})
    assert wait_for(address, NEW, patience=30, pause=0.01) == []
    assert Handler.broken == set(), "it did break off"


@pytest.mark.parametrize("answer", ["[]", "{}", "<p>not found</p>", '{"commit": "2ew"}'])
def test_an_answer_that_is_no_record_is_not_taken(host: tuple[str, Path], answer: str) -> None:
    address, served = host
    (served / RECORD).write_text(answer, "utf8")
    (problem,) = wait_for(address, NEW, patience=0)
    assert RECORD in problem


def test_a_host_that_does_not_answer_is_a_problem_and_no_error() -> None:
    (problem,) = wait_for("http://127.0.0.1:9", NEW, patience=0)
    assert "refused" in problem or "URLError" in problem
