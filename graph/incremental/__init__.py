"""Answers in payloads: `@defer` and `@stream`.

- `delivery`: the answer of an operation, its first payload and the later ones.
- `fragments`: deferred fragments, in batches of a cluster's rows; `streaming`: lists, as clusters answer.
- `outbox`, `payloads`, `payloadformat`: the size of payloads, their contents and their formats.
"""
