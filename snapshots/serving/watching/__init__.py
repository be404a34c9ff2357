"""Watches.

- `watch`: events, one line of JSON each; `changelog`: recent changes of a kind; `live`: objects that change.
"""
