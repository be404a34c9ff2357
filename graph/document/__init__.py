"""Documents: parsed, measured, validated and cached.

- `documents`: parsed and valid documents; `documentcache`, `lrucache`: their cache.
- `tokenremoval`: the removal of their tokens.
- `measure`, `cost`, `listsizes`, `expansionestimate`: the size of a document, the cost of an operation, and its values.
- `estimatedcost`: the cost against its limits, and costs that are known.
- `validationrules`: validation rules, beside graphql-core's; `introspecting`: introspection in slices.
- `suggesting`, `nearnames`: names of the schema similar to an unknown one.
- `namedkinds`: the custom kinds that a document needs; `plaindocuments`: documents that need none.
- `uses`: the variables and fragments that a part of a document uses.
- `operations`, `responsekeys`, `variabletexts`: operations, response keys and variables, for the command line.
- `followedlist`: the list of an operation, as a subscription, for the command line.
"""
