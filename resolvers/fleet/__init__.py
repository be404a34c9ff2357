"""The clusters, and the only ways to reach them.

- `fleet`, `cluster`, `callerclusters`: all clusters that exist for a caller, one of them, and those of recent callers.
- `fleetofcaller`: the protocol of whatever knows the clusters of a caller.
- `connectionpool`, `client`, `network`: clients by cluster and identity, and their connections over the network.
- `versionedreader`: reads of each kind in the best version that a cluster serves.
- `pooledsender`: requests through the client of the pool.
- `slots`: fair shares of the concurrent requests to a cluster.
- `accountpolicy`: our service accounts in clusters, and the grants for which they are made.
- `secretfilter`: snapshots without their Secrets, for callers who may not read them.
- `scope`, `listable`: the namespaces that one list has read, and those that an identity may list.
- `servedkinds`: the kinds that a cluster serves to an identity.
- `registration`, `stored`: the import of clusters, and their form in the store.
- `probe`, `reachability`: the health of a cluster, for the command line and for GraphQL.
- `credentials`: credentials as administrators see them.
"""
