"""Links between custom kinds: data, which lead to links where both kinds are served.

- `customlink`: one entry, and the links of both directions that are made of it.
- `customlinks`: the entries of all operators, and the members of the types of one schema.
- `certmanager`, `clusterapi`, `crossplane`, `gitops`, `workloads`: the entries, by operator.
- `gatewayapi`: those of the Gateway API and the Multi-Cluster Services API.
"""
