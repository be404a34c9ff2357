"""Watches.

- `watch`: events, a line of JSON each; `changelog`: recent changes of a kind; `live`: objects that change.
"""
