"""Prometheus: the series that it recorded of a cluster, read over HTTP or through the cluster's API server.

- `prometheus`: the client of one Prometheus.
- `address`: its address, of either form.
- `rangequery`: one query over a range of time, and the series of the answer.
- `refusal`: the errors of its refusals.
"""
