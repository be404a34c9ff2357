"""Snapshot clusters: objects served read-only in this process, in the same way as by a Kubernetes API server.

- `content`, `static`: the objects of a cluster; `index`: their lists, indexed once.
- `request`, `route`, `accept`, `selectors`: requests and their parameters.
- `servedkinds`, `resourcenames`, `place`: kinds with their plurals, and the keys of objects.
- `customkinds`: definitions of custom kinds, their further versions, and their OpenAPI documents.
- `lists`, `continuetoken`, `watching`, `discovery`, `reviews`: responses, by the type of request.
- `tables`, `columnpaths`: lists as tables, and the paths of printer columns.
- `status`: errors, in an API server's words.
- `api`: the whole API; `snapshotsender`: its use instead of a connection.
"""
