"""Service accounts that fleetgraph makes for itself in clusters.

- `account`, `accounts`, `bindings`: accounts and role bindings, made on demand.
- `accountconnection`, `tokenrequest`: connections with their short-lived tokens; `accountwatching`: watches.
- `repair`: reconciliation of an account after a refusal.
- `managedlists`, `managedobjects`: lists of objects with the labels of fleetgraph.
"""
