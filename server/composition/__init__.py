"""Objects built from the settings, for commands and the server; the demo composes its own (`server.serve`).

- `registry`: the store and its database.
- `clients`: the clients of all registered clusters, and the policy of the service accounts that they use.
- `typedengine`, `executor`: the engine with the types of custom kinds, and the executor over it and the fleet.
"""
