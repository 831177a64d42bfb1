"""Draw the picture that others show next to a link to the book: a network that learned spirals.

`python -m tools.social_card` writes `assets/social-card.png`; a test of the built pages draws it
again and compares. Run it when the library's figures change.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np

from tools.paths import ROOT, shown

CARD = ROOT / "assets" / "social-card.png"
WIDTH, HEIGHT, DPI = 1200, 630, 100
COLORS = 256
"""As many as the few colors of the figure and their smoothed edges need."""

ALTERNATIVE_TEXT = (
    "The title of the book, and beside it two interleaved spirals of points that a small network "
    "has learned to tell apart."
)
PAPER, INK, FAINT = "#fdfdfc", "#22292f", "#4f5b66"


def draw() -> bytes:
    """Train the network, and draw what it learned; the picture as PNG."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt
    from PIL import Image

    from chainrule import nn
    from chainrule.data import spirals
    from chainrule.functional import softmax
    from chainrule.nn import functional as F
    from chainrule.optim import Adam
    from chainrule.plotting import draw_decision, use_style
    from chainrule.training import fit, predict

    rng = np.random.default_rng(4)
    X, t = spirals(240, turns=1.25, noise=0.02, rng=rng)
    model = nn.Sequential(
        *(nn.Linear(2, 32, rng=rng), nn.Tanh()),
        *(nn.Linear(32, 32, rng=rng), nn.Tanh()),
        nn.Linear(32, 2, rng=rng),
    )
    optimizer = Adam(model.parameters(), lr=0.02)
    fit(model, F.cross_entropy, X, t, optimizer=optimizer, epochs=150, batch_size=40, rng=rng)

    with mpl.rc_context():
        use_style()
        figure = plt.figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, layout="none")
        side = HEIGHT / WIDTH
        axes = figure.add_axes((1 - side, 0, side, 1))
        draw_decision(axes, lambda at: softmax(predict(model, at))[0][:, 1], X, t, margin=0.15)
        axes.set_axis_off()
        title = "Neural Networks\nfrom First\nPrinciples"
        figure.text(0.05, 0.57, title, fontsize=36, weight="bold", color=INK, linespacing=1.25)
        claim = "Every gradient derived by hand,\nby computer algebra, and checked\non the page"
        figure.text(0.05, 0.27, claim, fontsize=17, color=FAINT, linespacing=1.5)
        file = BytesIO()
        figure.savefig(file, format="png", dpi=DPI, facecolor=PAPER)
        plt.close(figure)

    picture = BytesIO()
    Image.open(file).convert("RGB").quantize(COLORS).save(picture, "PNG", optimize=True)
    return picture.getvalue()


def difference(one: bytes, other: bytes) -> float:
    """The mean difference of two pictures of the same size, from 0 to 1."""
    from PIL import Image

    pixels = [np.asarray(Image.open(BytesIO(p)).convert("RGB"), float) / 255 for p in (one, other)]
    return float(np.abs(pixels[0] - pixels[1]).mean())


if __name__ == "__main__":
    CARD.write_bytes(draw())
    print(f"{shown(CARD)}: {CARD.stat().st_size / 1000:.0f} KB")
