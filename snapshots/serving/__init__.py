"""Snapshot clusters: objects served read-only as a Kubernetes API server would, in the process.

- `content`, `static`: the objects of a cluster; `index`: each list of them, without decoding it again.
- `request`, `route`, `quoting`, `accept`, `selectors`: the parts of a request.
- `servedkinds`, `resourcenames`, `place`: kinds with their plurals, and the place of an object.
- `lists`, `continuetoken`, `watching`, `discovery`, `reviews`: answers, by the kind of request.
- `status`: refusals, in an API server's words; `pacing`: long answers in slices.
- `api`: all of it; `sender`: in place of a connection; `asgi`: over HTTP.
"""
