"""Persistent data: clusters with their credentials and snapshots, grants, API tokens, the audit.

- `registry`: all repositories, and the id of the installation, opened by one call that also migrates the database.
- `clusters`: clusters, grants and snapshots; `tokens`, `tokenlookup`: API tokens; `audit`: the audit.
- `keys`: encryption keys, and their replacement while servers run.
- `database`, `migrations`: the database, its schema and its history.
- `names`, `utctime`: rules of names and labels; points in time.
- `errors`: errors of the store, also in place of errors of drivers.

The store knows nothing of Kubernetes: a credential is bytes to it, and a connection is text.
"""
