"""Kinds of the core API group.

- `pod`, `podstatus`: pods, with kubectl's STATUS and RESTARTS.
- `service`, `endpoints`: services, and Endpoints; `loadbalancing`: the addresses of load balancers.
- `node`: nodes; `event`: events.
"""
