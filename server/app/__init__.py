"""The HTTP application.

- `app`: the routes, and the layers around them; `config`: its configuration, from the settings.
- `endpoint`: `/graphql`, by the GraphQL-over-HTTP specification; `documents`: documents that the operator has laid
  down.
- `requestlog`: the id of a request, its line in the log, its metrics.
- `probes`, `metrics`: `/healthz`, `/readyz` and `/metrics`.
- `draining`: the end of running queries when the server stops.
"""
