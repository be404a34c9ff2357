"""Kubeconfigs as data from strangers.

- `kubeconfig`: contexts turned into endpoints and credentials; `policy`, `allowance`: what an operator allows.
- `yaml`, `section`, `entry`: bounded YAML, lists and entries; `cluster`, `user`, `exec`, `files`: what entries hold.
- `names`: names for clusters; `errors`: refusals.
"""
