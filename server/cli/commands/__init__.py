"""Signatures and help texts of the commands, one file for each group.

- `serve`, `demo`: the server and the demo.
- `clusters`, `grants`, `tokens`, `keys`, `audit`, `authentication`: the registry and its administration.
- `query`, `schema`: queries and the schema.
- `completion`: names that a shell completes.
- `help`: help texts for a terminal of any width.
- `options`: options that several commands share.

Each command imports the modules that do its work inside its function: the store, the Kubernetes models and the schema
take up to seconds to import, and `fleetgraph --help` must not wait for them.
"""
