"""`fleetgraph clusters`.

- `importing`, `results`, `kubeconfigs`: `clusters import` from kubeconfigs.
- `inventory`, `origin`: `clusters list`, `clusters show` and `clusters label`, and the origin of a cluster's objects.
- `check`: `clusters check`; `removal`: `clusters remove`; `identity`: `clusters identity`.
- `credentials`: credentials in words, without anything secret.
"""
