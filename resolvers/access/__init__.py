"""Rights: `viewerCan` and `viewer`.

- `viewercan`, `arguments`: the field and its arguments.
- `deciding`, `rules`: decisions for many objects of a cluster, from the rules that it told.
- `viewer`: the caller as it may see itself.
"""
