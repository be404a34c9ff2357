"""Indexes of lists.

- `index`, `indexes`: one list, all lists of a content; `indexedobject`, `item`: one object, and its JSON.
"""
