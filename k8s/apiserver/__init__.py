"""Facts about one API server, and what only it can say about its objects.

- `version`: its release.
- `served`: the kinds that it serves, with their names and versions.
- `discovery`, `rootdocuments`, `discoverydocuments`: the requests for the kinds, and the documents; `limits`: limits.
- `servedcollection`, `servedgroup`: the kinds of all documents, and those of one group, checked.
- `bestversion`: the version in which a kind is requested.
- `tables`: the columns that it prints of objects.
- `proof`: the answers that prove that it is there, whatever it refuses.
- `access`, `rules`: the identity of a credential, and its permissions.
"""
