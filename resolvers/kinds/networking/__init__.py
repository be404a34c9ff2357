"""Kinds of the API group networking.k8s.io.

- `ingress`, `ingressclass`: ingresses and their classes.
- `networkpolicy`, `policypeer`: network policies, and the peers that they allow.
- `ipaddress`: addresses of services.
"""
