"""Kinds of storage: of the API group storage.k8s.io, and volumes and claims of the core group.

- `persistentvolume`, `persistentvolumeclaim`: volumes and claims; `volumevalues`: values that both have.
- `nodeaffinity`: the join of volumes and nodes; `statefulclaims`: of stateful sets and their claims.
- `classes`: storage classes and volume attributes classes; `defaultclass`: the default of the storage classes.
- `csi`: drivers, their nodes and attachments, and the capacity that they report.
"""
