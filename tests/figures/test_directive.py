"""The directive: an element and its scripts on the site, what stands for it everywhere else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

FIGURE = """Title
=====

Try :setting:`a steep one <fig-a: w=6 b=0>`.

.. interactive:: neuron
   :name: fig-a
   :alt: A curve & a dot.
   :settings: w=2 b=-1

   The caption.

   Paper shows this.
"""


def build(tmp_path: Path, builder: str, text: str = FIGURE) -> tuple[Path, str]:
    """Build a page with `text` and one without any figure; the output and the warnings."""
    (tmp_path / "conf.py").write_text("", "utf8")
    (tmp_path / "index.rst").write_text(text + "\n.. toctree::\n\n   other\n", "utf8")
    (tmp_path / "other.rst").write_text("Other\n=====\n", "utf8")
    output, warnings = tmp_path / "out", io.StringIO()
    with docutils_namespace():
        Sphinx(
            tmp_path,
            tmp_path,
            output,
            tmp_path / "doctrees",
            builder,
            {"extensions": ["tools.sphinx_extension.interactive"], "numfig": True},
            status=None,
            warning=warnings,
        ).build()
    return output, warnings.getvalue()


@pytest.mark.slow
def test_the_site_has_the_element_and_only_its_page_the_scripts(tmp_path: Path) -> None:
    output, _ = build(tmp_path, "html")
    page = (output / "index.html").read_text("utf8")
    assert '<figure-neuron alt="A curve &amp; a dot." b="-1" w="2">' in page
    assert page.index("Paper shows this.") < page.index("</figure-neuron>")
    assert "Fig. 1" in page
    assert "The caption." in page
    assert 'class="figure-setting reference external" href="?fig-a.w=6&amp;fig-a.b=0#fig-a"' in page
    places = [
        page.index(f"figures/{name}.js") for name in ("shared", "arithmetic/neuron", "neuron")
    ]
    assert places == sorted(places)
    assert "figures/" not in (output / "other.html").read_text("utf8")


@pytest.mark.slow
@pytest.mark.parametrize(("builder", "file"), [("text", "index.txt"), ("epub", "index.xhtml")])
def test_elsewhere_stands_what_stands_for_it(tmp_path: Path, builder: str, file: str) -> None:
    output, _ = build(tmp_path, builder)
    page = (output / file).read_text("utf8")
    assert "Paper shows this." in page
    assert "The caption." in page
    assert "a steep one" in page
    assert "figure-neuron" not in page
    assert "fig-a.w=6" not in page
    assert "figures/" not in page


WRONG = {
    "no such figure": (FIGURE.replace("neuron", "neutron"), "no interactive figure 'neutron'"),
    "no alternative text": (FIGURE.replace("   :alt: A curve & a dot.\n", ""), "the option 'alt'"),
    "no name": (FIGURE.replace("   :name: fig-a\n", ""), "the option 'name'"),
    "nothing for paper": (FIGURE.replace("   Paper shows this.\n", ""), "what stands for it"),
    "settings": (FIGURE.replace("w=2 b=-1", "w 2"), "Settings look like"),
    "settings of a link": (FIGURE.replace("w=6 b=0", "w:6"), "Settings look like"),
    "no figure in a link": (FIGURE.replace(" <fig-a: w=6 b=0>", ""), "expected `words <fig-name"),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", WRONG)
def test_faults_are_reported(tmp_path: Path, fault: str) -> None:
    text, message = WRONG[fault]
    _, warnings = build(tmp_path, "dummy", text)
    assert message in warnings
