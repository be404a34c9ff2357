"""`fleetgraph clusters`.

- `importing`, `kubeconfigs`, `allowing`, `results`: `clusters import` from kubeconfigs, and results of probes in words.
- `inventory`: `clusters list`, `clusters show` and `clusters label`.
- `check`: `clusters check`; `removal`: `clusters remove`; `identity`: `clusters identity`.
- `prometheus`: `clusters prometheus`.
- `credentials`: kinds and expiry dates of credentials, in words; nothing secret.
"""
