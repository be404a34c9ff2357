"""Rights: `viewerCan` and `viewer`.

- `viewercan`: the field `viewerCan` and its arguments.
- `deciding`, `rulecache`: decisions for many objects of a cluster, and the RBAC rules that they follow from.
- `viewer`: the caller as it may see itself.
"""
