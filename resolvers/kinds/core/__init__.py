"""Kinds of the core API group.

- `pod`, `podstatus`, `podresources`: pods, with kubectl's READY, STATUS and RESTARTS, and their requests and limits.
- `pod`, `podstatus`: pods, with kubectl's READY, STATUS and RESTARTS; `podlinks`: their links.
- `podresources`: requests and limits of pods.
- `container`, `containerstate`: containers of pods, with their states.
- `service`, `endpoints`: services, and Endpoints; `loadbalancing`: the addresses of load balancers.
- `node`: nodes; `event`: events.
- `pod`, `podstatus`, `podresources`: pods, with kubectl's columns, and their requests and limits; `podlinks`: links.
- `container`, `containerstate`: containers of pods, with their states.
- `node`: nodes; `event`: events; `service`, `endpoints`, `loadbalancing`: services and their addresses.
- `pod`, `podstatus`, `podresources`: pods, with kubectl's columns, and their requests and limits; `podlinks`: links.
- `container`, `containerstate`: containers of pods, with their states; `podclasses`: classes that pods name.
- `node`: nodes; `event`: events; `service`, `endpoints`, `loadbalancing`: services and their addresses.
- `namespace`, `resourcequota`, `limitrange`: namespaces and their limits; `componentstatus`: parts of clusters.
- `configmap`, `secret`, `serviceaccount`: configuration and identity.
"""
