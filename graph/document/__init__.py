"""Documents: parsed, measured, validated and cached.

- `documents`: parsed and valid documents; `lrucache`: their cache; `slimming`: the removal of their tokens.
- `measure`, `cost`, `expansionestimate`: the size of a document, the cost of an operation, and its values.
- `validationrules`: validation rules, beside graphql-core's; `introspecting`: introspection in slices.
- `suggesting`: names of the schema similar to an unknown one.
- `written`, `responsekeys`, `variabletexts`: for the command line: operations, response keys and variables of a query.
"""
