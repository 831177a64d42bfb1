"""Figure helpers of the chapters: one look for all, for light and dark pages and all eyes.

What draws one picture takes the axes first and leaves title, labels, limits and scales to you,
except where a label can only be one thing. What lays out several pictures, or needs as much room as
it has content, makes the figure and returns it: images, filters, photographs, attention, graphs.
"""

try:
    import matplotlib  # noqa: F401
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "chainrule.plotting: the figures need matplotlib, which is not installed; "
        'pip install "chainrule[chapters]"'
    ) from None

from chainrule.plotting.classifiers import draw_confusion, draw_reliability, draw_roc
from chainrule.plotting.curves import draw_curves, draw_history
from chainrule.plotting.distributions import draw_distribution, draw_heatmap
from chainrule.plotting.graphs import draw_chain, draw_graph
from chainrule.plotting.images import draw_attention, draw_filters, draw_images, draw_photographs
from chainrule.plotting.labels import label_lines, label_powers
from chainrule.plotting.matrices import draw_matrix
from chainrule.plotting.networks import draw_network
from chainrule.plotting.planes import draw_decision, draw_points
from chainrule.plotting.style import (
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    PALETTE,
    PURPLE,
    SKY,
    VERMILION,
    use_style,
)
from chainrule.plotting.surfaces import draw_contours

__all__ = [
    "BLUE",
    "GRAY",
    "GREEN",
    "ORANGE",
    "PALETTE",
    "PURPLE",
    "SKY",
    "VERMILION",
    "draw_attention",
    "draw_chain",
    "draw_confusion",
    "draw_contours",
    "draw_curves",
    "draw_decision",
    "draw_distribution",
    "draw_filters",
    "draw_graph",
    "draw_heatmap",
    "draw_history",
    "draw_images",
    "draw_matrix",
    "draw_network",
    "draw_photographs",
    "draw_points",
    "draw_reliability",
    "draw_roc",
    "label_lines",
    "label_powers",
    "use_style",
]
