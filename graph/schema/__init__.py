"""The schema: types, arguments, root fields.

- `catalogue`: Kubernetes fields, derived fields and links of every type; `types`, `listtypes`, `fields`: the same as
  GraphQL types, their lists, and their fields; `livetypes`: those of subscriptions.
- `customcatalogue`, `customschema`: both with custom kinds beside the built-in ones; `dependents`: types that lead to
  others.
- `definitions`: the meaning of a schema's fields; `printing`: types as text.
- `scalars`, `enums`, `returns`: leaf types, enum values, and types of derived fields.
- `arguments`: arguments and input objects.
- `rootdefinitions`: root fields; `grants`: the field and the mutations of grants.
- `federation`: the schema as a subgraph of Apollo Federation 2.
"""
