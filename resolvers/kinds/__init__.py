"""Derived fields and links of kinds, a folder for an API group.

- `object`: members of every kind; `cluster`: members of clusters.
- `core`, `apps`: kinds of these API groups.
- `leaves`, `longlists`: leaf types of derived fields, and bounds of the lists that they read.
"""
