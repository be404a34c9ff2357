"""The schema and its execution, without I/O of its own.

- `engine`: executes requests; `request`, `answer`: its input and its output; `finishing`: answers after an execution.
- `encoding`: large answers as JSON, in slices.
- `build`: the schema of built-in kinds; `schema`: its types.
- `typesource`: the source of custom kinds.
- `schemastate`, `schemastates`: a schema as a value, one for each set of custom kinds; `knownstates`: the kept ones.
- `document`, `planning`, `execution`, `incremental`: the way of a query, in this order; `live`: subscriptions.
- `executor`: breadth-first execution in the place of graphql-core's own.
- `errors`: errors as responses show them.
"""
