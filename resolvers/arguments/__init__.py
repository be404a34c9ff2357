"""Arguments of callers, checked.

- `arguments`: those of every list; `where`, `groups`: those of filters and groups; `paths`: paths into a type.
- `selectors`, `cursors`, `globalids`: label and field selectors, cursors, ids.
- `pushdown`: the part of `where` that API servers can do.
"""
