"""Tables of computed results: HTML in a notebook and on the site, aligned text elsewhere."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Table:
    """What :func:`table` makes: cells that are text already, and which columns hold numbers.

    Examples
    --------
    >>> from chainrule.tables import table
    >>> sizes = {"layer": ["hidden", "output"], "parameters": [7850, 110]}
    >>> made = table(sizes, caption="A network")
    >>> made.columns, made.numeric
    (('layer', 'parameters'), (False, True))
    >>> print(made)
    A network
    layer   parameters
    hidden       7,850
    output         110
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    caption: str

    def __str__(self) -> str:
        widths = [max(map(len, cells)) for cells in zip(self.columns, *self.rows, strict=True)]
        lines = [
            "  ".join(
                cell.rjust(width) if numeric else cell.ljust(width)
                for cell, width, numeric in zip(row, widths, self.numeric, strict=True)
            ).rstrip()
            for row in (self.columns, *self.rows)
        ]
        return "\n".join([*([self.caption] if self.caption else []), *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def cell(tag: str, attributes: str, text: str, numeric: bool) -> str:
            style = ' style="text-align: right"' if numeric else ""
            return f"<{tag}{attributes}{style}>{html.escape(text)}</{tag}>"

        def line(row: Sequence[str], *, head: bool) -> str:
            cells = []
            for i, (text, numeric) in enumerate(zip(row, self.numeric, strict=True)):
                scope = ' scope="col"' if head else ' scope="row"'
                is_header = head or i == 0
                cells.append(
                    cell("th" if is_header else "td", scope if is_header else "", text, numeric)
                )
            return f"<tr>{''.join(cells)}</tr>"

        caption = f"<caption>{html.escape(self.caption)}</caption>" if self.caption else ""
        body = "".join(line(row, head=False) for row in self.rows)
        return (
            f'<table class="table cr-table">{caption}'
            f"<thead>{line(self.columns, head=True)}</thead><tbody>{body}</tbody></table>"
        )


def table(columns: Mapping[str, Sequence[Any]], *, caption: str = "", digits: int = 4) -> Table:
    """Show computed results as a table.

    Parameters
    ----------
    columns : mapping
        Heading → one entry per row. The first column names the rows. Text and truth values are
        shown as they are, tuples (shapes) on one line, whole numbers with separators, other
        numbers rounded.
    caption : str
        What the table shows.
    digits : int
        Significant digits of numbers that are not whole.

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        If there is no column, or the columns differ in length.

    Examples
    --------
    >>> from chainrule.tables import table
    >>> table({"layer": ["hidden", "output"], "parameters": [7850, 110]})
    layer   parameters
    hidden       7,850
    output         110
    """
    lengths = {name: len(entries) for name, entries in columns.items()}
    if len(set(lengths.values())) != 1:
        listed = ", ".join(f"{name!r} has {n}" for name, n in lengths.items()) or "there are none"
        raise ValueError(f"table: all columns need the same number of entries, but {listed}")
    return Table(
        tuple(columns),
        tuple(
            tuple(_text(entry, digits) for entry in row)
            for row in zip(*columns.values(), strict=True)
        ),
        tuple(all(_is_number(entry) for entry in entries) for entries in columns.values()),
        caption,
    )


def _is_number(entry: Any) -> bool:
    return isinstance(entry, (int, float, np.integer, np.floating)) and not isinstance(entry, bool)


def _text(entry: Any, digits: int) -> str:
    if isinstance(entry, tuple):  # a shape: one word
        return str(entry).replace(" ", "\N{NO-BREAK SPACE}")
    if not _is_number(entry):
        return str(entry)
    is_whole = isinstance(entry, (int, np.integer)) or abs(entry) >= 10**digits
    text = f"{entry:,.0f}" if is_whole else f"{entry:,.{digits}g}"
    return text.replace("-", "−")
