"""Kubeconfigs as data from strangers.

- `kubeconfig`: contexts turned into endpoints and credentials; `policy`, `allowance`: permissions by the operator.
- `yaml`, `entry`: bounded YAML, lists and entries; `cluster`, `user`, `files`: the content of entries.
- `names`: names for clusters; `errors`: refusals.
"""
