"""Dumps: Kubernetes objects in a file, a folder or an archive, read for a snapshot cluster.

- `reading`, `dump`: a path in, a dump out.
- `limits`, `errors`: bounds of a dump; errors of all of it, or of one place.
- `archives`: the files of a dump, in folders and archives; `dumpfile`: one of them.
- `documents`, `document`, `text`, `jsontext`, `yamltext`, `yamlscalars`: the documents of a file, each as JSON.
- `objects`, `identity`: the objects of a document, lists taken apart, and the kind and name of each.
- `hints`, `guessing`, `resolving`: plural and scope of each kind: known, defined, hinted at or guessed.
- `checking`, `clusterversion`: objects that cannot be decoded; the release of the API server.
- `manifest`: the description that our own snapshots carry.

A dump comes from strangers: every step has a bound, nothing is unpacked to a path, no link is followed.
"""
