"""Kinds of stored versions, of the API groups internal.apiserver.k8s.io and storagemigration.k8s.io.

- `storageversion`: the versions in which API servers store kinds, and the migrations of stored objects.
"""
