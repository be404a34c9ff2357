"""Access to one Kubernetes cluster.

- `kinds`: the kinds of objects; `reading`: the path from a request to rows; `masking`: the values that are never shown.
- `transport`, `network`: an HTTP exchange with an API server, and the connection that carries it.
- `watches`: all changes of objects as they happen, and their current state.
- `resilience`: circuit breakers, throttles and waiting in turn.
- `apiserver`: release, kinds and permissions of a server.
- `credentials`, `accounts`, `kubeconfig`: credentials, our service accounts, kubeconfigs as data.
- `endpoint`, `dnslabel`, `certificates`: the address of an API server, DNS labels, and checks of certificates.
- `prometheus`: the series that a Prometheus recorded of the cluster.
- `schemas`: structures of custom kinds, from what clusters say about them.
- `turns`: turns of long work on the event loop, and pauses of threads.
- `errors`: errors of a cluster, drawn as a tree, with codes of `errorcode`; `deniedvalues`: values that are not of the
  types of their fields, reported to a listener; `listednames`: lists of names in messages; `yamltext`,
  `yamlscalars`: objects and texts as the YAML that kubectl writes.
"""
