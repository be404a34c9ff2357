"""Use cases across clusters: from a query's needs to rows of the whole fleet.

- `caller`, `identity`: the caller of an operation, and what fleetgraph is towards a cluster for it.
- `operation`, `lists`, `fleet`: one operation, its lists, and the clusters.
- `kinds`, `links`: derived fields and links, by API group; adding one starts here.
- `arguments`, `filters`: what callers may say, checked; conditions, orders and groups.
- `access`, `grants`, `audit`: `viewerCan`, grants and what is made for them, and the audit.
- `memory`, `limits`: memory of operations, and their bounds.
- `pacing`, `together`: long work in slices, and work at the same time.
- `messages`, `names`: messages in two languages, and GraphQL names of kinds.
- `errors`, `unexpected`: errors of a question, and errors that nobody expected of a cluster.
"""
