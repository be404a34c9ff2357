"""What survives a restart: the registry of clusters with their credentials, the grants, and the API tokens.

A tour, from the outside in:

- `store.registry`: `Registry.open(url)` is the one call that an application needs; it migrates and finds the keys.
- `store.clusters`, `store.tokens`: the two repositories; `store.cluster` holds the values they take and give.
  `store.tokenlookup`: the rows of many tokens in one query.
- `store.grants`: who may see which clusters, with its values in `store.grant`; `store.installation`: whose accounts are
  whose, where several installations look after one cluster.
- `store.snapshots`: the content of those clusters that are snapshots, in sealed parts; `store.clusterrow` is shared.
- `store.audit`, `store.auditevent`: who did what, and how it ended. `store.timing`: how long transactions take.
- `store.keyring`, `store.keyfile`, `store.encryption`: keys, where they come from, and what they seal.
- `store.rotation`, `store.resealing`, `store.keyuse`: replacing keys while servers run.
- `store.database`, `store.databaseurl`, `store.sqlite`, `store.postgresql`: one engine, two kinds of server;
  `store.sqlitereader`: single statements that read, the shortest way.
- `store.tables`, `store.timecolumn`, `store.migration`, `store.migrations`: the schema and its history; a test
  holds them equal.
- `store.errors`: everything that can go wrong. Vendor errors stop here.

The store knows nothing of Kubernetes: a credential is bytes to it, and a connection is text.
"""
