"""Kinds of the core API group.

- `pod`, `podstatus`: pods, with kubectl's READY, STATUS and RESTARTS; `podlinks`: their links.
- `container`, `containerstate`: containers of pods, with their states.
- `service`, `endpoints`: services, and Endpoints; `loadbalancing`: the addresses of load balancers.
- `node`: nodes; `event`: events.
"""
