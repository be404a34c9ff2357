"""Kinds of the API group networking.k8s.io.

- `ingress`, `ingressclass`: ingresses and their classes.
- `networkpolicy`, `policypeer`, `policypods`: network policies, and the peers and pods that they allow.
- `ipaddress`: addresses of services; `servicecidr`: the blocks that they are inside of.
"""
