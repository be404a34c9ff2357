"""Members of objects of every kind, beside those of `resolvers/kinds/object.py`; each module has one member.

- `deletion`, `managedby`: read from the metadata alone.
- `condition`, `health`: read from raw JSON, so that they do not depend on the type.
- `jsonfields`, `manifest`: raw JSON, at a path or whole.
- `owned`: read from the lists of other kinds; `columns`: read from the API server's Tables.
"""
