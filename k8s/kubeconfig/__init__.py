"""Kubeconfigs of unknown origin, read as data.

- `kubeconfig`: contexts turned into endpoints and credentials; `policy`, `allowance`: permissions by the operator.
- `yaml`, `entry`: YAML within limits, lists and entries; `cluster`, `user`, `files`: the content of entries.
- `names`: names for clusters; `errors`: refusals.
"""
