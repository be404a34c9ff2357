"""Kinds of the API group resource.k8s.io: devices for pods (dynamic resource allocation).

- `claim`: claims, their templates, and classes of devices; `slice`: slices of devices, and taints of them.
- `poolstatus`: the state of pools; `allocations`: the join of claims and slices by devices.
"""
