"""The commands behind the Makefile: environment, execution, build, publishing, checks.

Each module is one command (`python -m tools.NAME`) or one topic that several of them share.
`tools.sphinx_extension` is the part that Sphinx loads.
"""
