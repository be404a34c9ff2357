"""What survives a restart: clusters with their credentials, grants, API tokens, the audit.

- `registry`: `Registry.open(url)` is the one call that an application needs; it migrates and finds the keys.
- `clusters`: clusters, grants and snapshots; `tokens`, `tokenlookup`, `lastuse`: API tokens; `audit`: the audit.
- `installation`: whose accounts are whose, where several installations look after one cluster.
- `keys`, `rotation`, `resealing`, `keyuse`: encryption keys, and replacing them while servers run.
- `database`, `migrations`: the database, its schema and its history.
- `names`, `clock`: names and labels, points in time.
- `errors`: errors of the store; errors of drivers stop here.

The store knows nothing of Kubernetes: a credential is bytes to it, and a connection is text.
"""
