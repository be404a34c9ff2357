"""`fleetgraph query`, `explain` and `examples`.

- `question`: the query, its variables and the format of its answer; `ask`: its answer; `explain`: its cost as a tree.
- `inprocess`: queries in this process; `serveraddress`, `remoteserver`: queries that a server runs; `answered`: both.
- `follow`: a followed list; `followedrows`: its rows; `livescreen`: the terminal; `remoteevents`: events of a server.
- `emptyfleet`: the note where no cluster exists.
- `examples`, `examplelisting`: saved queries and their list.
- `outputformat`, `printing`, `table`: answers as JSON, YAML, CSV or tables.
"""
