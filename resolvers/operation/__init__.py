"""One GraphQL operation of one caller.

- `operation`: its shared state; `explanation`: its cost upstream.
- `sharedlists`, `sharedreading`, `chargedrows`: lists that are read once, and the memory of their rows.
- `sharedwork`, `requests`: other work that is done once, and the number of requests.
"""
