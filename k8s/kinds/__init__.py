"""Kinds, and the structure of their objects.

<<<<<<< HEAD
- `kind`, `builtin`: one kind, and all built-in ones.
- `versionpriority`: the order of the versions of a group.
||||||| b400072
- `kind`, `builtin`: one kind, and all built-in ones.
=======
- `kind`, `builtin`: one kind, and all built-in ones; `othershapes`: older versions of other shapes.
>>>>>>> 1d2febd
- `structure`, `models`, `formats`: fields with types and descriptions, from the official client's models.
- `structures`: a set of structures, with the cache of what is made of them.
"""
