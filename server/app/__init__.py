"""The HTTP application.

- `app`: the routes, and the layers around them; `requestlimits`: their bounds, from settings.
- `endpoint`: `/graphql`, by the GraphQL-over-HTTP specification; `documents`: documents that the operator has laid
  down.
- `requestid`, `requestlog`: the id of a request, its line in the log, its metrics.
- `probes`, `metrics`: `/healthz`, `/readyz` and `/metrics`.
- `draining`: the end of running queries when the server stops.
"""
