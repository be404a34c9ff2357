"""Processes that serve.

- `registry`, `demo`, `demofleet`, `memoryaudit`: the server over the registry, and that of the demo.
- `serving`, `listening`, `environment`: start and stop, addresses, secrets taken out of the environment.
- `connection`, `tlsconnection`, `connectionbounds`, `connectionusage`, `filelimit`: connections of callers, and their
  bounds.
- `reconciler`, `expiry`: work beside answering: accounts in clusters, warnings of credentials that end.
- `garbage`, `upkeep`, `allocator`: collecting garbage, and giving memory back.
"""
