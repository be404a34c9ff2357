"""One cluster at a time: kinds, transport, reading.

- `kinds`: what can be asked for; `reading`: from a request to rows.
- `transport`, `network`: an HTTP exchange with an API server, and the connection that carries it.
- `verdicts`: whom not to ask again for what.
- `apiserver`: what a server is, serves and allows.
- `credentials`, `accounts`, `kubeconfig`: credentials, our service accounts, kubeconfigs as data.
- `endpoint`, `host`, `dnslabel`, `certificates`: where an API server is, and by what it is recognised.
- `turns`: long work on the event loop, and waiting in turn.
- `errors`: errors of a cluster, drawn as a tree.
"""
