"""chainrule: neural networks from first principles, in NumPy, with every gradient proven."""

__version__ = "0.1.0"
