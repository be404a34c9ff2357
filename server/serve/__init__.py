"""Processes that serve.

- `registryserver`, `demoserver`, `demofleet`, `memoryaudit`: the server over the registry, and that of the demo.
- `serving`, `listening`: start and stop, addresses.
- `httpconnection`, `tlsconnection`, `connectionbounds`, `connectionusage`: connections of clients,
  and their limits; `pacedwebsocket`, `websocketconnection`: WebSockets, and their limits;
  `waiting`: small gates and queues.
- `reconciler`, `typelearning`, `expirywarnings`: background work: accounts in clusters, custom types, warnings of
  credentials that expire.
- `gcthresholds`, `garbagecollection`, `allocator`: garbage collection, and the return of memory to the system.
"""
