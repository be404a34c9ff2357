"""Custom types: the kinds of all clusters, as they were last learned from each.

- `typechoice`: the choice of API groups whose kinds have types.
- `learning`: one round of learning: what every cluster serves now.
- `learnedtypes`: what was learned, in memory, as the source of schemas.
"""
