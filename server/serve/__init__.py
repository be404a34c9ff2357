"""Processes that serve.

- `registry`, `demo`, `demofleet`, `memoryaudit`: the server over the registry, and that of the demo.
- `serving`, `listening`: start and stop, addresses.
- `connection`, `tlsconnection`, `connectionbounds`, `connectionusage`: connections of callers, and their bounds.
- `reconciler`, `expiry`: work beside answering: accounts in clusters, warnings of credentials that end.
- `garbage`, `upkeep`, `allocator`: collecting garbage, and giving memory back.
"""
