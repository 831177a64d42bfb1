"""Data sets of the book, small and offline. ``README.md`` in this folder says where from."""

from chainrule.data.digits import Split, digits, mnist
from chainrule.data.synthetic import circles, moons, xor

__all__ = ["Split", "circles", "digits", "mnist", "moons", "xor"]
