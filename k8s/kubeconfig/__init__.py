"""Kubeconfigs of unknown origin, read as data.

- `kubeconfig`: contexts of merged files, turned into endpoints and credentials; `file`: one file; `limits`: its limits.
- `policy`, `permission`, `allowance`: permissions by the operator, or by the user for one import.
- `yaml`, `entry`, `section`: YAML within limits, entries and their lists.
- `cluster`, `user`, `exec`, `files`: the content of entries.
- `names`: names for clusters; `errors`: refusals.
"""
