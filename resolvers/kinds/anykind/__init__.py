"""Members of objects of every kind, beside those of `resolvers/kinds/object.py`; each module has one member.

- `deletion`, `managedby`: read from the metadata alone.
"""
