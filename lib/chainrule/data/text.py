"""Text as numbers and back: a code of one token per character, with start, end and padding."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from chainrule.arguments import require_integers
from chainrule.data.arrays import Integers

PAD, START, END = 0, 1, 2
SPECIAL = ("<pad>", "<start>", "<end>")


class CharCodec:
    """One token per character: 0 is padding, 1 start, 2 end, the characters follow in order.

    Parameters
    ----------
    texts : iterable of str
        Every character that occurs in them gets a token, in the order of Unicode, so that the same
        texts in another order make the same code.

    Attributes
    ----------
    tokens : tuple of str
        What each token stands for; the first three are ``"<pad>"``, ``"<start>"``, ``"<end>"``.
    pad, start, end : int
        0, 1 and 2. ``pad`` is what a loss is told to ignore.

    Raises
    ------
    ValueError
        If there is no character in the texts.
    TypeError
        If a text is not a string, or ``texts`` is one string.

    Notes
    -----
    A language model learns ``batch[:, 1:]`` from ``batch[:, :-1]``. Used in the chapters
    ``recurrence``, ``transformers`` and ``language-models``.

    Examples
    --------
    >>> codec = CharCodec(["Ada", "Bo"])
    >>> len(codec), codec.tokens
    (8, ('<pad>', '<start>', '<end>', 'A', 'B', 'a', 'd', 'o'))
    >>> codec.batch(["Ada", "Bo"]).tolist()
    [[1, 3, 6, 5, 2], [1, 4, 7, 2, 0]]
    """

    pad = PAD
    start = START
    end = END

    def __init__(self, texts: Iterable[str]) -> None:
        characters = sorted({c for text in _require_texts("CharCodec", texts) for c in text})
        if not characters:
            raise ValueError("CharCodec: there is no character in the texts")
        self.tokens = (*SPECIAL, *characters)
        self._token = {c: i for i, c in enumerate(self.tokens) if i >= len(SPECIAL)}

    def __len__(self) -> int:
        """Return the number of tokens, the special ones included."""
        return len(self.tokens)

    def __repr__(self) -> str:
        return f"CharCodec({len(self)} tokens: {''.join(self.tokens[len(SPECIAL) :])!r})"

    def encode(self, text: str) -> Integers:
        """Return the tokens of the characters, without start and end.

        Returns
        -------
        int64 array (T,)

        Raises
        ------
        ValueError
            If a character has no token.
        TypeError
            If ``text`` is not a string.

        Examples
        --------
        >>> CharCodec(["abc"]).encode("cab").tolist()
        [5, 3, 4]
        """
        (text,) = _require_texts("CharCodec.encode", [text])
        try:
            return np.array([self._token[c] for c in text], dtype=np.int64)
        except KeyError as error:
            raise ValueError(
                f"CharCodec.encode: the characters of text must be among those that the codec was "
                f"made from, and {error.args[0]!r} in {text!r} is not"
            ) from None

    def decode(self, tokens: NDArray[np.integer]) -> str:
        """Return the text of the tokens up to the first end; start and padding are left out.

        Parameters
        ----------
        tokens : integer array (T,)

        Raises
        ------
        ValueError
            If ``tokens`` has not one axis, or a token is not between 0 and ``len(codec) − 1``.
        TypeError
            If they are not whole numbers.

        Examples
        --------
        >>> codec = CharCodec(["abc"])
        >>> codec.decode(np.array([1, 5, 3, 4, 2, 0, 0]))
        'cab'
        """
        tokens = np.asarray(tokens)
        if tokens.ndim != 1:
            raise ValueError(
                f"CharCodec.decode: tokens must be an array (T,), those of one text, got {tokens!r}"
            )
        if tokens.size and not np.issubdtype(tokens.dtype, np.integer):
            raise TypeError(f"CharCodec.decode: tokens must be whole numbers, got {tokens.dtype}")
        characters = []
        for token in tokens.tolist():
            if not 0 <= token < len(self):
                raise ValueError(
                    f"CharCodec.decode: tokens must lie in 0, …, {len(self) - 1}, got {token}"
                )
            if token == END:
                break
            if token not in (PAD, START):
                characters.append(self.tokens[token])
        return "".join(characters)

    def batch(self, texts: Iterable[str], *, length: int | None = None) -> Integers:
        """Return start, characters, end of every text, padded to one length.

        Parameters
        ----------
        texts : iterable of str
        length : int, optional
            Of every row, start and end included; by default that of the longest.

        Returns
        -------
        int64 array (B, T)
            The lengths without padding are ``(batch != codec.pad).sum(1)``.

        Raises
        ------
        ValueError
            If there are no texts, a character has no token, or a text is longer than ``length``.
        TypeError
            If a text is not a string, or ``texts`` is one string.

        Examples
        --------
        >>> codec = CharCodec(["abc"])
        >>> codec.batch(["cab", "a"], length=6).tolist()
        [[1, 5, 3, 4, 2, 0], [1, 3, 2, 0, 0, 0]]
        """
        rows = [self.encode(text) for text in _require_texts("CharCodec.batch", texts)]
        if not rows:
            raise ValueError("CharCodec.batch: there are no texts")
        longest = max(len(row) for row in rows) + 2
        length = longest if length is None else length
        require_integers("CharCodec.batch", length=length)
        if length < longest:
            raise ValueError(
                f"CharCodec.batch: length must be at least {longest}, for the longest text with "
                f"start and end, got {length}"
            )
        batch = np.full((len(rows), length), PAD, dtype=np.int64)
        batch[:, 0] = START
        for i, row in enumerate(rows):
            batch[i, 1 : len(row) + 1] = row
            batch[i, len(row) + 1] = END
        return batch


def _require_texts(function: str, texts: Iterable[str]) -> list[str]:
    if isinstance(texts, str):
        raise TypeError(f"{function}: takes several texts; put {texts!r} in a list")
    if not isinstance(texts, Iterable):
        raise TypeError(f"{function}: texts must be a list of strings, got {texts!r}")
    found = list(texts)
    for text in found:
        if not isinstance(text, str):
            raise TypeError(f"{function}: texts must be strings, got {type(text).__name__}")
    return [str(text) for text in found]
