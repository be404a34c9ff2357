"""Kinds of the core API group that configure, identify and limit others, and classes that pods name.

- `configmap`, `secret`, `serviceaccount`: configuration and identity; `tlscertificate`: certificates in Secrets.
- `namespace`, `resourcequota`, `limitrange`: namespaces and the limits in them; `componentstatus`: parts of clusters.
- `quotascopes`, `quotapods`: the pods that resource quotas count.
- `podclasses`: priority classes and runtime classes.
"""
