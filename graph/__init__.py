"""The schema and its execution; no I/O of its own.

- `catalogue`: what every GraphQL type is made of: Kubernetes fields, derived fields, links.
- `leaves`, `scalars`, `types`, `schema`: the same as Strawberry types, and the exported SDL.
- `plan`, `targets`, `plans`: from a selection set to levels: what to decode, what to compute, which links to follow.
- `fieldpaths`, `pathvalues`, `truths`, `sifting`, `sifted`: `where` and `orderBy`, as a hidden selection of their own.
- `finding`, `listfield`: what root fields find; `keeping`: what is kept of long lists while they are read.
- `connectionplanner`, `groupplanner`, `groups`: what is selected of a list, and of groups of its objects.
- `run`, `values`, `linkpages`, `shaping`, `connections`: a level at a time: all rows of a list at once, and what is
  sent of them.
- `deferring`, `deferrals`, `delivery`, `batches`, `streaming`, `feed`, `outbox`, `payloads`, `incremental`: what
  `@defer` and `@stream` let come later; `labels`: how long their labels may be.
- `executor`: where this takes over from graphql-core's own execution; `ordinary`,
  `ordinaryconnections`: the same answers without it.
- `cost`, `fanout`: what an operation may cost, with its variables.
- `introspection`, `introspecting`: questions about the schema, which are refused, or answered in slices.
- `documents`, `measure`, `recent`, `slimming`: what a document is worth, whether it may be, whether it is valid; kept
  in bounds. `suggesting`: names of the schema like those that it does not know.
- `engine`, `encoding`: a request in, an answer out; `errors`: how errors look from outside.
"""
