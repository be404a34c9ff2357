"""One GraphQL operation of one caller.

- `operation`: the operation, with everything that its fields share; `explanation`: its cost upstream.
- `sharedlists`, `sharedreading`, `chargedrows`: lists that are read once, and the memory of their rows.
- `warnings`: hints about a query that may not mean what its author thinks.
- `sharedwork`, `requests`: other work that is done once, and the number of requests; `deadlines`: the time of clusters.
"""
