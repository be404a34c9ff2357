"""Objects built from the settings, for commands and the server; the demo composes its own (`server.serve`).

- `registry`: the store and its database.
- `clients`: the clients of all registered clusters, and the policy of the service accounts that they use.
- `executor`: the fleet and the engine, and the executor over both.
"""
