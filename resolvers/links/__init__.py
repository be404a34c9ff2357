"""Building blocks of links.

- `members`: declarations of derived fields, remote fields and links.
- `partialvalue`, `absent`: a value with errors beside it, and no value with a reason.
- `masked`: members that are made of paths which the operator masks.
- `fetching`, `joining`: reads for all parents of a link, and the join of parents and children.
- `hidden`: namespaces to which a link leads and that the caller may not see.
- `naming`: links by name in both directions; `selecting`, `labels`: by label selectors.
- `owning`, `grandowning`: links by owner references, one or two of them.
- `selectortext`: selectors as kubectl prints them.
- `owners`: the join of objects and their owners; `references`: the owners of kinds of any group.
- `targets`: objects of any kind that others name without a uid.
- `entities`: objects by their keys in a federated graph.
"""
