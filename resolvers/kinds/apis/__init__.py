"""Kinds that extend the Kubernetes API, and that say how API servers store objects.

- `customresourcedefinition`: custom kinds; `customobjects`: the objects of a custom kind.
- `apiservice`: aggregated APIs; `storageversion`: versions in which objects are stored.
"""
