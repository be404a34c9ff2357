"""Answers in payloads: `@defer` and `@stream`.

- `answer`, `delivery`, `batches`: the first payload, and deferred fragments of whole levels.
- `streaming`, `feed`: lists sent as clusters answer.
- `payloads`, `outbox`, `labels`, `format`: payloads, their size, their labels and their formats.
"""
