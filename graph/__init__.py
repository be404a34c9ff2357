"""The schema and its execution; no I/O of its own.

- `engine`: executes requests; `request`, `answer`: its input and its output.
- `encoding`: large answers as JSON, in slices.
- `build`: the whole schema; `schema`: the types that it is made of.
- `document`, `planning`, `execution`, `incremental`: the way of a query, in this order.
- `executor`: the place where breadth-first execution takes over from graphql-core.
- `errors`: errors as callers see them.
"""
