"""Rights: `viewerCan` and `viewer`.

- `viewercan`: the field `viewerCan` and its arguments.
- `deciding`, `rulecache`: decisions for many objects of a cluster, and the RBAC rules that they follow from.
- `revealing`: values of Secrets for a caller, recorded before they are read.
- `viewer`: the caller as it may see itself.
"""
