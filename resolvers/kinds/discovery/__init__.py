"""Kinds of the API group discovery.k8s.io.

- `endpointslice`: endpoint slices, and the members of services, pods and nodes that lead to them.
- `endpointcounts`: the numbers of endpoints by state.
"""
