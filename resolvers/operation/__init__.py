"""One GraphQL operation of one caller.

- `operation`: everything that it shares; `explanation`: its cost upstream.
- `sharedlists`, `sharedwork`, `requests`: lists and other work done once, and requests counted.
"""
