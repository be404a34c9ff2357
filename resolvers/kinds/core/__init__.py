"""Kinds of the core API group.

- `pod`, `podstatus`, `podresources`: pods, with kubectl's columns, and their requests and limits; `podlinks`: links.
- `container`, `containerstate`: containers of pods, with their states; `podclasses`: classes that pods name.
- `node`: nodes; `event`: events; `service`, `endpoints`, `loadbalancing`: services and their addresses.
- `namespace`, `resourcequota`, `limitrange`: namespaces and their limits; `componentstatus`: parts of clusters.
- `configmap`, `secret`, `serviceaccount`: configuration and identity.
"""
