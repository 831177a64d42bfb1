"""Pyodide's compiled packages: fetched whole and as their digests say, or not at all."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tools import pyodide
from tools.paths import ROOT


class Handler(SimpleHTTPRequestHandler):
    """Serves files; of those in `broken` half, though it promised the whole."""

    broken: frozenset[str] = frozenset()

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        if name not in self.broken:
            super().do_GET()
            return
        content = (Path(self.directory) / name).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server:
    """The Pyodide project's server, as far as `fetch` knows it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.handler = type("Broken", (Handler,), {})
        handler = partial(self.handler, directory=str(folder))
        self.running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.running.server_port}/"
        self.thread = threading.Thread(target=self.running.serve_forever)
        self.thread.start()

    def stop(self) -> None:
        self.running.shutdown()
        self.thread.join()
        self.running.server_close()


def package(name: str, content: bytes, *depends: str) -> dict[str, Any]:
    return {
        "name": name,
        "version": "1.0",
        "file_name": f"{name}-1.0-cp314-cp314-pyemscripten_2026_0_wasm32.whl",
        "sha256": hashlib.sha256(content).hexdigest(),
        "depends": list(depends),
    }


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Two compiled packages on a server, and the folder with what else Pyodide needs."""
    published, own = tmp_path / "published", tmp_path / "own"
    published.mkdir()
    own.mkdir()
    contents = {"numpy": b"arrays" * 1000, "scipy": b"solvers" * 1000}
    packages = {
        "numpy": package("numpy", contents["numpy"]),
        "scipy": package("scipy", contents["scipy"], "numpy"),
        "six": package("six", b"pure") | {"file_name": "six-1.0-py3-none-any.whl"},
    }
    for name, content in contents.items():
        (published / packages[name]["file_name"]).write_bytes(content)
    (own / "six-1.0-py3-none-any.whl").write_bytes(b"pure, as pip has it")
    for name in pyodide.CORE:
        (own / name).write_bytes(b"core")
    (own / pyodide.LOCK).write_text(json.dumps({"info": {}, "packages": packages}), "utf8")
    monkeypatch.setattr(pyodide, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(pyodide, "self_hosted", lambda: own)
    monkeypatch.setattr(pyodide, "FOR_THE_KERNEL", ("six",))
    monkeypatch.setattr(pyodide, "FOR_THE_BOOK", ("scipy",))
    running = Server(published)
    yield running
    running.stop()


def kept() -> list[str]:
    """Everything below the cache."""
    return sorted(path.name for path in pyodide.CACHE.rglob("*"))


def test_all_packages_are_fetched_once(server: Server) -> None:
    pyodide.fetch(server.address)
    folder = pyodide.distribution()
    assert pyodide.wrong_files(folder, pyodide.compiled(pyodide.self_hosted())) == []
    assert len(list(folder.iterdir())) == 2
    server.handler.broken = frozenset(path.name for path in folder.iterdir())
    pyodide.fetch(server.address)  # asks for nothing: it would get half


def test_another_file_is_refused(server: Server) -> None:
    (file,) = server.folder.glob("scipy*")
    file.write_bytes(b"something else")
    with pytest.raises(SystemExit, match=r"scipy-1\.0.* is not the file that Pyodide .* names"):
        pyodide.fetch(server.address)
    assert kept() == []


def test_a_missing_file_is_named(server: Server) -> None:
    (file,) = server.folder.glob("numpy*")
    file.unlink()
    with pytest.raises(SystemExit, match=r"numpy-1\.0.* could not be fetched: HTTP Error 404"):
        pyodide.fetch(server.address)
    assert kept() == []


def test_an_interrupted_file_leaves_nothing(server: Server) -> None:
    server.handler.broken = frozenset(path.name for path in server.folder.glob("scipy*"))
    with pytest.raises(SystemExit, match=r"scipy"):
        pyodide.fetch(server.address)
    assert kept() == []


def test_no_server_is_said(server: Server) -> None:
    server.stop()
    with pytest.raises(SystemExit, match="could not be fetched"):
        pyodide.fetch(server.address)
    assert kept() == []


def test_an_interrupted_renewal_leaves_the_old(server: Server) -> None:
    pyodide.fetch(server.address)
    before = kept()
    (file,) = pyodide.distribution().glob("scipy*")
    file.write_bytes(b"damaged")
    server.handler.broken = frozenset([file.name])
    with pytest.raises(SystemExit):
        pyodide.fetch(server.address)
    assert kept() == before
    server.handler.broken = frozenset()
    pyodide.fetch(server.address)
    assert pyodide.wrong_files(pyodide.distribution(), pyodide.compiled(server_own())) == []


def server_own() -> Path:
    return pyodide.self_hosted()


def test_a_site_without_them_says_where_they_are(server: Server, tmp_path: Path) -> None:
    pyodide.put_into(tmp_path / "site")
    packages = pyodide.published_packages(tmp_path / "site")
    assert packages["numpy"]["file_name"].startswith(pyodide.DISTRIBUTION)
    assert packages["six"]["file_name"] == "six-1.0-py3-none-any.whl"
    assert packages["six"]["sha256"] == pyodide.sha256(tmp_path / "site/six-1.0-py3-none-any.whl")
    assert [line.split()[0].rpartition("/")[2] for line in pyodide.check(tmp_path / "site")] == [
        packages[name]["file_name"].rpartition("/")[2] for name in ("numpy", "scipy")
    ]


def test_a_site_with_them_asks_nobody(server: Server, tmp_path: Path) -> None:
    pyodide.fetch(server.address)
    pyodide.put_into(tmp_path / "site")
    assert pyodide.check(tmp_path / "site") == []
    (file,) = (tmp_path / "site").glob("numpy*")
    file.write_bytes(b"damaged")
    pyodide.published_packages.cache_clear()
    assert pyodide.check(tmp_path / "site") == [f"{file.name} is not there"]


def test_damaged_packages_are_not_published(server: Server, tmp_path: Path) -> None:
    pyodide.fetch(server.address)
    (file,) = pyodide.distribution().glob("numpy*")
    file.write_bytes(b"damaged")
    with pytest.raises(SystemExit, match=r"is damaged \(numpy-1\.0.*tools\.pyodide fetch"):
        pyodide.put_into(tmp_path / "site")


def test_a_site_without_python_is_said(tmp_path: Path) -> None:
    assert pyodide.check(tmp_path) == [f"{tmp_path} has no Pyodide"]


def test_every_package_that_pip_brings_is_pinned_by_its_digest() -> None:
    lines = [line for line in pyodide.PINNED.read_text("utf8").splitlines() if line[0] != "#"]
    assert lines == sorted(lines)
    for line in lines:
        requirement, _, digest = line.partition(" --hash=sha256:")
        name, _, version = requirement.partition("==")
        assert name == pyodide.normalized(name)
        assert version
        assert len(bytes.fromhex(digest)) == 32
    assert {*pyodide.NOT_IN_THE_DISTRIBUTION} <= {line.partition("==")[0] for line in lines}


def test_the_distribution_is_named_in_no_file() -> None:
    host = str(urlsplit(pyodide.DISTRIBUTION).hostname)
    named = [
        path
        for folder in ("tools", "tests", ".github", "lib")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".yml", ".txt"} and host in path.read_text("utf8")
    ]
    assert named == []
