"""The HTTP application.

- `app`: the routes and the middleware; `config`: its configuration, from the settings.
- `endpoint`: `/graphql`, by the GraphQL-over-HTTP specification; `persisteddocuments`: persisted documents.
- `execution`: the response to a request in a form that the client accepts; `subscriptions`: those to subscriptions.
- `requestlog`: the id of a request, its log line, its metrics.
- `probes`, `metrics`: `/healthz`, `/readyz` and `/metrics`.
- `draining`: running queries when the server stops.
"""
