"""Kinds, and the structure of their objects.

- `kind`, `builtin`: one kind, and all built-in ones; `othershapes`: older versions of other shapes.
- `metrics`: kinds of usage, which are served beside the built-in ones.
- `versionpriority`: the order of the versions of a group.
- `structure`, `models`, `formats`: fields with types and descriptions, from the official client's models.
- `structures`: a set of structures, with the cache of what is made of them.
"""
