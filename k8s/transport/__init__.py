"""One exchange with an API server.

- `call`, `path`, `sender`: a request, its path, and the protocol of senders.
- `connection`, `transport`, `exchange`: one API server with one credential, its HTTP session, one observed request.
- `streaming`: answers without an end, such as watches.
- `body`, `bodymemory`, `responsehead`: bodies as they arrive, their common memory limit, and response headers.
- `deadline`, `limits`, `exchangeprogress`: time limits, other limits, and the stages of an exchange.
- `status`, `exceptionmapping`: HTTP statuses and exceptions turned into errors of the cluster.
"""
