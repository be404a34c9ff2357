"""Schemas of custom kinds: from what clusters say about them to structures with names.

- `learning`: what a cluster serves now, read from its sources.
- `openapisource`, with `openapidocument`, and `crdsource`: the sources, `/openapi/v3` and CRDs.
- `readablekind`: kinds that can be asked for.
- `schemareader`, with `leaves`, `fieldnames` and `descriptions`: structures from JSON Schema.
- `pieces`: JSON of megabytes, decoded piece by piece.
- `kindschema`, `clustertypes`: one kind in one version, and all kinds of a cluster.
- `clusterexcess`: the limit of a cluster's types.
- `storedtypes`: these as bytes for a store.
- `fleettypes`, `kindunion`, `names`: the types of some clusters together.
- `limits`: limits of all of it.
"""
