"""One exchange with an API server.

- `call`, `path`, `apitarget`, `sender`: a request, its path, what it is about, and whatever can send it.
- `connection`, `transport`, `exchange`: one API server with one credential, its HTTP session, one observed request.
- `body`, `bodymemory`, `responsehead`: bodies as they arrive, within a bound for all, and the headers that are read.
- `deadline`, `limits`, `progress`: time, bounds, and how far an exchange has come.
- `status`, `translation`: HTTP statuses and exceptions turned into errors of the cluster.
"""
