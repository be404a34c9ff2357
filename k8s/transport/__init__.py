"""One exchange with an API server.

- `call`, `path`, `sender`: a request, its path, and the protocol of senders.
- `connection`, `transport`, `exchange`: one API server with one credential, its HTTP session, one observed request.
- `body`, `bodymemory`, `responsehead`: bodies as they arrive, within a bound for all, and the headers that are read.
- `deadline`, `limits`, `progress`: time, bounds, and how far an exchange has come.
- `status`, `translation`: HTTP statuses and exceptions turned into errors of the cluster.
"""
