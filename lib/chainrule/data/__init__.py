"""Data sets of the book, small and offline. Provenance and licences: ``README.md`` in this folder."""

from chainrule.data.digits import Split, digits, mnist
from chainrule.data.synthetic import circles, moons, xor

__all__ = ["Split", "circles", "digits", "mnist", "moons", "xor"]
