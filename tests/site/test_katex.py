"""KaTeX: its files are the published ones, and a formula it cannot parse fails the build."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document
from sphinx.application import Sphinx
from sphinx.errors import SphinxWarning
from sphinx.util.docutils import docutils_namespace
from sphinxcontrib.katex import KaTeXError, KaTeXServer, katex_version

from tools.katex_assets import SHA512, extract
from tools.npm import verify
from tools.sphinx_extension import math

FILES = {
    "package/LICENSE": b"MIT",
    "package/dist/katex.min.css": (
        b'@font-face{src:url(fonts/A.woff2) format("woff2"),url(fonts/A.woff) format("woff"),'
        b'url(fonts/A.ttf) format("truetype")}'
    ),
    "package/dist/fonts/A.woff2": b"font",
    "package/dist/fonts/A.ttf": b"font",
    "package/dist/katex.min.js": b"code",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """An npm package like KaTeX's, in small."""
    path = tmp_path / "katex.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_the_digest_of_the_bundled_version_is_known() -> None:
    assert katex_version in SHA512


def test_only_the_published_package_is_taken(package: Path) -> None:
    verify(package, base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode())
    with package.open("ab") as file:
        file.write(b"x")
    with pytest.raises(SystemExit, match="not the package that was published"):
        verify(package, SHA512[katex_version])


def test_only_the_style_sheet_and_the_current_fonts_are_unpacked(
    package: Path, tmp_path: Path
) -> None:
    extract(package, tmp_path / "katex")
    unpacked = {
        path.relative_to(tmp_path / "katex").as_posix()
        for path in (tmp_path / "katex").rglob("*")
        if path.is_file()
    }
    assert unpacked == {"LICENSE", "katex.min.css", "fonts/A.woff2"}
    style = (tmp_path / "katex/katex.min.css").read_text("utf8")
    assert style == '@font-face{src:url(fonts/A.woff2) format("woff2")}'


def build(tmp_path: Path, formula: str) -> str:
    """Build a page with one formula strictly; its HTML."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "conf.py").write_text("", "utf8")
    (source / "index.rst").write_text(f"Title\n=====\n\n:math:`{formula}`\n", "utf8")
    settings = {
        "extensions": ["tools.sphinx_extension.math"],
        "html_math_renderer": "strict_katex",
        "katex_prerender": True,
    }
    output, doctrees = tmp_path / "out", tmp_path / "doctrees"
    streams = {"status": None, "warning": io.StringIO()}
    with docutils_namespace():
        app = Sphinx(
            source, source, output, doctrees, "html", settings, warningiserror=True, **streams
        )
        app.build()
    return (tmp_path / "out/index.html").read_text("utf8")


@pytest.fixture
def no_assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder in place of KaTeX's files, which these tests do not need."""
    (tmp_path / "assets").mkdir()
    monkeypatch.setattr(math, "assets_directory", lambda: tmp_path / "assets")


@pytest.mark.slow
@pytest.mark.usefixtures("no_assets")
def test_a_formula_is_rendered_with_its_mathml(tmp_path: Path) -> None:
    html = build(tmp_path, r"\frac{1}{2}")
    assert 'class="katex"' in html
    assert "<mfrac>" in html


@pytest.mark.slow
@pytest.mark.usefixtures("no_assets")
def test_a_formula_in_a_text_breaks_only_where_it_may(tmp_path: Path) -> None:
    html = build(tmp_path, "a = b")
    assert html.count('<span class="base">') == 2
    assert html.count('</span><wbr><span class="base">') == 1


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("See ", ", then", "a,"),
        ("See (", "). Then", "(a)."),
        ("See “", "” and", "“a”"),
        ("The ", "-th of them", "a-"),
        ("The ", "th of them", "ath"),
        ("See ", " and", None),
        ("See ", "", None),
    ],
)
def test_what_touches_a_formula_stays_with_it(before: str, after: str, whole: str | None) -> None:
    page = new_document("index")
    page += nodes.paragraph("", "", nodes.Text(before), nodes.math("", "a"), nodes.Text(after))
    html = SimpleNamespace(builder=SimpleNamespace(format="html"))
    math.keep_together(html, page, "index")  # type: ignore[arg-type]
    found = [part.astext() for part in page.findall(nodes.inline)]
    assert found == ([] if whole is None else [whole])
    assert page.astext() == f"{before}a{after}"


@pytest.mark.slow
@pytest.mark.usefixtures("no_assets")
@pytest.mark.parametrize("formula", [r"\frac{1", r"\notacommand x", "é"])
def test_a_formula_that_katex_cannot_parse_fails_a_strict_build(
    tmp_path: Path, formula: str
) -> None:
    with pytest.raises(SphinxWarning, match=r"KaTeX|LaTeX"):
        build(tmp_path, formula)


LISTENS_LATE = """
import socket, sys, time
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
time.sleep(0.1)
server.bind(sys.argv[1])  # the file is there, and connections are refused
time.sleep(0.2)
server.listen()
server.accept()[0].sendall(b"hello")
"""


@pytest.mark.skipif(os.name != "posix", reason="elsewhere KaTeX's server listens on a port")
def test_the_server_may_take_its_time_to_listen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_with(LISTENS_LATE, monkeypatch)
    process, connection = math.start_server(tmp_path, 30.0)
    with process, connection:
        assert connection.recv(5) == b"hello"


@pytest.mark.skipif(os.name != "posix", reason="elsewhere KaTeX's server listens on a port")
@pytest.mark.parametrize("program", ["raise SystemExit(1)", "import time; time.sleep(60)"])
def test_a_server_that_never_listens_is_an_error_and_is_stopped(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_with(program, monkeypatch)
    with pytest.raises(KaTeXError, match="STARTUP_TIMEOUT"):
        math.start_server(tmp_path, 0.3)


def serve_with(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        KaTeXServer,
        "build_command",
        lambda socket: [sys.executable, "-c", program, str(socket)],
    )
