"""Arguments of fields, checked before any request.

- `listarguments`: the arguments of every list; `where`, `grouparguments`: those of filters and groups.
- `paths`, `jsonpaths`: paths into a type, and into the JSON of any object.
- `selectors`: label and field selectors; `objectnames`: names of objects and namespaces.
- `kindnames`: the names of kinds, as kubectl takes them.
- `cursors`, `globalids`: cursors of pages, and ids of objects.
- `pushdown`: the conditions of a filter that API servers can apply.
"""
