"""Documents: parsed, measured, validated and kept.

- `documents`: one document, read once; `recent`: those used last, within bounds; `slimming`: tokens removed from
  them.
- `measure`, `cost`, `fanout`: the size of a document, and what an operation may cost.
- `introspection`, `introspecting`: questions about the schema, refused or answered in slices.
- `labels`: labels of `@defer` and `@stream`, refused if they are long.
- `suggesting`: names like an unknown one.
- `written`, `responsekeys`, `variabletexts`: operations, response keys and variables of the command line's queries.
"""
