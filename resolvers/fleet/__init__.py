"""The clusters, and the only ways to them.

- `fleet`, `cluster`, `stored`: all clusters as a caller may see them, one of them, and what the store says of it.
- `connectionpool`, `client`, `network`, `slots`: connections by cluster and identity, and fair shares of them.
- `accounts`: our service accounts; `secretfilter`: snapshots for callers who may not read Secrets.
- `scope`, `listable`: the part of a cluster that one identity may list.
- `registration`, `probe`, `reachability`: importing clusters, and asking how they are.
- `credentials`: credentials as administrators see them.
"""
