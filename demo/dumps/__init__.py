"""Dumps: Kubernetes objects in a file, a folder or an archive, read into what a snapshot cluster can serve.

What is read comes from strangers: every step has a bound, nothing is ever unpacked to a path, no link is followed.

A tour, from the bytes to the objects:

- `limits`, `errors`: what a dump may cost; what is wrong with it, as a whole or in places.
- `files`: the files of a dump, one after the other, with `folder`, `tararchive`, `ziparchive` and `inflating` below.
- `documents`: the documents of a file, each as JSON, with `text`, `jsontext` and `yamltext` (and `yamlscalars`) below.
- `objects`: the objects of a document, lists taken apart.
- `hints`, `guessing`, `resolving`: plural and scope of each kind, by what is known, defined, hinted at or guessed.
- `checking`: whether an object could be decoded; `clusterversion`: the release of the API server.
- `manifest`: what our own snapshots say of themselves.
- `spool`: the objects of a dump on disk, sorted and without duplicates.
- `reading`: all of it.
"""
