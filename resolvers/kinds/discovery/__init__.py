"""Kinds of the API group discovery.k8s.io.

- `endpointslice`: endpoint slices; `endpointcounts`: the numbers of endpoints by state.
"""
