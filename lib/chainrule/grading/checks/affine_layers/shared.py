"""What the two exercises with gradients have in common."""

from __future__ import annotations


def raised_by_one(result: str, index: tuple[int, ...], value: float) -> str:
    """What the entry of a gradient says: the effect of a nudge of one."""
    place = ", ".join(map(str, index))
    change = "does not change (dZ * Z).sum()"
    if value:
        change = f"{'raises' if value > 0 else 'lowers'} (dZ * Z).sum() by {abs(value):.4g}"
    return f"raising {result[1:]}[{place}] by 1 {change}"
