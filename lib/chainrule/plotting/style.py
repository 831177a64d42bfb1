"""One look for all figures: colors, lines and text that read on light and dark pages.

The background is transparent; the site turns figures around on its dark page, so that black ink
becomes white and hues stay. The palette follows that of Okabe & Ito (2008), with darker orange,
sky and purple: every color has a contrast of 3 : 1 with either page, and every two differ by 20 or
more in CIELAB for the usual color vision, for protanopia, deuteranopia and tritanopia.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.typing import ColorType

from chainrule.functional.contract import Array

BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION = PALETTE = (
    "#004797",
    "#DA7913",
    "#007A47",
    "#B878A6",
    "#5995DA",
    "#B23E01",
)
GRAY = "#767676"

# What tells curves and classes apart without any color.
LINE_STYLES: Sequence[Any] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (9, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")

# The most black, or color, on which black text stays readable, on either page.
INK_TINT, COLOR_TINT = 0.4, 0.6

_STYLE: Any = {
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "axes.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "figure.figsize": (6.4, 3.6),
    "font.family": ["sans-serif"],
    "font.size": 10,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "image.cmap": "cividis",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",  # text stays text: small, sharp, found by search
    "svg.hashsalt": "chainrule",  # the same figure gives the same bytes
}


def _signed_colors(name: str, full: float) -> ListedColormap:
    """Purple below the middle, orange above; paper in the middle, the page's own color."""
    side = np.linspace(-1, 1, 257)  # odd, so that 0 has a color of its own: none
    ends = np.where((side < 0)[:, None], to_rgb("#7A3E9D"), to_rgb("#B35A00"))
    return ListedColormap(np.column_stack([ends, full * np.abs(side)]), name=name)


INK = LinearSegmentedColormap.from_list("ink", [(0, 0, 0, 0), (0, 0, 0, 1)])
SIGNED = _signed_colors("signed", 1.0)
SHADE = _signed_colors("shade", 0.5).reversed()  # orange for class 0, purple for class 1


class Photographs(Figure):
    """A figure that no page may turn around: a notebook shows it as PNG on white paper."""


def use_style() -> None:
    """Give all figures of this session the book's look; in a notebook, draw them as SVG.

    Photographs stay PNG, on white: the dark page turns around what is SVG, and nobody recognizes a
    negative.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> from chainrule.plotting import use_style
    >>> with mpl.rc_context():
    ...     use_style()
    ...     mpl.rcParams["figure.facecolor"]
    'none'
    """
    mpl.rcParams.update(_STYLE)
    try:
        from IPython.core.getipython import get_ipython
        from IPython.core.pylabtools import print_figure
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ModuleNotFoundError:
        return
    shell = get_ipython()
    if shell is not None and shell.display_formatter is not None:
        set_matplotlib_formats("svg", metadata={"Date": None})  # type: ignore[no-untyped-call]
        formatters = shell.display_formatter.formatters
        formatters["image/svg+xml"].for_type(Photographs, lambda figure: None)
        formatters["image/png"].for_type(
            Photographs,
            lambda figure: print_figure(figure, "png", dpi=144),  # type: ignore[no-untyped-call]
        )


def relative_luminance(color: ColorType) -> float:
    """Return the relative luminance of a color, 0 for black and 1 for white (WCAG 2.2).

    Examples
    --------
    >>> from chainrule.plotting.style import relative_luminance
    >>> round(relative_luminance("white"), 3), round(relative_luminance("#767676"), 3)
    (1.0, 0.181)
    """
    c = np.array(to_rgb(color))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def text_color(color: ColorType) -> str:
    """Darken a color until text in it has a contrast of 4.5 : 1 with the light page (WCAG 2.2).

    The dark page turns dark text light, so that there the contrast is higher still.

    Examples
    --------
    >>> from chainrule.plotting import BLUE, ORANGE
    >>> from chainrule.plotting.style import text_color
    >>> text_color(BLUE), text_color(ORANGE)
    ('#004797', '#ae610f')
    """
    rgb = np.array(to_rgb(color))
    for share in np.linspace(1, 0, 101):
        darker = tuple(share * rgb)
        # The light page is not quite white: 1.03 instead of 1.05.
        if 1.03 / (relative_luminance(darker) + 0.05) >= 4.5:
            break
    return str(to_hex(color)).upper() if share == 1 else str(to_hex(darker))


def ink(image: Array, full: float = 1.0) -> Array:
    """Return RGBA: black of an opacity that grows with the image, ``full`` where it is largest.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.plotting.style import ink
    >>> ink(np.array([[-1.0, 1.0, 2.0]]))[..., 3]
    array([[0. , 0.5, 1. ]])
    """
    opacity = full * np.clip(image / (image.max(initial=0) or 1), 0, 1)
    return np.dstack([np.zeros((*image.shape, 3)), opacity])
