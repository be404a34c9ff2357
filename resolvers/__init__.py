"""Use cases over all clusters: from the fields that a query needs to rows of the whole fleet.

- `caller`, `authorization`: the caller of an operation, and the identity that it has in each cluster.
- `operation`, `lists`, `fleet`: one operation, its lists, and the clusters.
- `live`: lists that are followed, for subscriptions.
- `kinds`, `links`: derived fields and links, a folder for each API group; adding one starts here.
- `arguments`, `filters`, `grouping`: arguments of fields, checked; conditions and orders; groups.
- `access`, `grants`, `audit`: `viewerCan`, grants with their service accounts, and the audit.
- `live`: lists that are followed.
- `memory`, `limits`: memory of operations, and their limits.
- `pacing`, `together`: long work in slices, and concurrent work.
- `messages`, `names`: messages in two languages, and GraphQL names of kinds; `nearest`: names like an unknown one.
- `types`, `typedkinds`: custom types, learned from all clusters; the kinds that have a GraphQL type.
- `errors`, `unexpected`: errors of a query, and unexpected errors while a cluster was asked.
"""
