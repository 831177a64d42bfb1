"""The whole book in one file: a PDF for paper and an ePub for readers' devices.

Both are made from the pages of the built site, so they say what the site says, and nothing
executes. `python -m tools.editions` writes them beside the site and links them from the front page.
"""
