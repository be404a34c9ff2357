"""Tools of links.

- `members`: derived fields and links, declared; `fetching`, `joining`: reading objects, and finding those of a
  parent.
- `entities`: objects by what a federated gateway knows of them.
"""
