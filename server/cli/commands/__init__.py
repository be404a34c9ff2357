"""Signatures and help texts of the commands, one file for each group.

- `serve`, `demo`: the server, and the first look.
- `clusters`, `grants`, `tokens`, `keys`, `audit`, `authentication`: the registry and its administration.
- `query`, `schema`: questions, and the schema.
- `options`: options of several commands.

The modules that do the work are imported inside each command, with a `noqa` a line: the store, the Kubernetes models
and the schema take up to seconds, which `fleetgraph --help` must not cost.
"""
