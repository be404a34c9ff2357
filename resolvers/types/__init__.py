"""Custom types: the kinds of all clusters, as they were last learned from each.

- `typechoice`: the choice of API groups whose kinds have types.
- `learning`: one round of learning: what every cluster serves now.
- `firsthours`: the hour in which each kind was first learned.
- `learnedtypes`: what was learned, in memory, as the source of schemas.
"""
