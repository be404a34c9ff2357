"""Answers in payloads: `@defer` and `@stream`.

- `delivery`: the answer of an operation, its first payload and the later ones.
- `fragments`: deferred fragments, in batches of a cluster's rows; `streaming`, `feed`: lists, as clusters answer.
- `payloads`: the contents of payloads, in two formats; `outbox`: payloads of bounded size.
"""
