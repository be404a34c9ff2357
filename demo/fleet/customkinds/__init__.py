"""Custom kinds of the fleet: small schemas in the style of the operators that engineers know.

- `schema`: OpenAPI schemas of fields, `customkind`: a kind with its schema and its definition.
- `argocd`, `certmanager`, `gatewayapi`, `k3s`: the kinds of each operator.
- `served`: the kinds that each cluster serves.
"""
