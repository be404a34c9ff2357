"""Dumps: Kubernetes objects in a file, a folder or an archive, read for a snapshot cluster.

- `reading`, `dump`: a dump, read from its path.
- `limits`, `errors`: limits of a dump; errors of the whole dump, or of one place.
- `archives`: the files of a dump, in folders and archives; `dumpfile`: one of them.
- `texts`: the documents of a file, each as JSON.
- `objects`, `repeatedkeys`: the objects of a document or list; keys that occur twice.
- `objecttype`: the type of an object, and the validity of its names.
- `versions`, `versionchanges`: older API versions, served in the current one.
- `hints`, `resolving`: plural and scope of each kind: known, defined, hinted at or guessed.
- `checking`, `clusterversion`: objects that cannot be decoded; the release of the API server.
- `manifest`: the description in our own snapshots; `schemadocuments`: OpenAPI documents.

A dump is untrusted: every step has a limit, nothing is unpacked to a path, no link is followed.
"""
