"""Building blocks of links.

- `members`: declarations of derived fields, remote fields and links; `partialvalue`: a value with errors beside it.
- `fetching`, `joining`: reads for all parents of a link, and the join of parents and children.
- `owners`: the join of objects and their owners; `references`: the owners of kinds of any group.
- `entities`: objects by their keys in a federated graph.
"""
