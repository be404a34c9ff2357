"""Documents: parsed, measured, validated and kept.

- `documents`: one document, read once; `lrucache`: the cache of them, within bounds; `slimming`: tokens removed from
  them.
- `measure`, `cost`, `fanout`: the size of a document, and what an operation may cost.
- `rules`: validation rules, beside graphql-core's; `introspecting`: introspection in slices.
- `suggesting`: names like an unknown one.
- `written`, `responsekeys`, `variabletexts`: operations, response keys and variables of the command line's queries.
"""
