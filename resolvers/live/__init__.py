"""What subscriptions read: the current objects of watched kinds.

- `livefleet`: the clusters of a caller, whose readers read watched objects; `livereader`: one of these.
- `dependencies`: the watches that one subscription uses.
- `livelist`: one list: what is dirty, and what its subscribers get; `subscriber`: one of them.
- `changes`: changes between what was sent and what is now.
- `watchingclient`: a client with the watches of its identity; `watchnetwork`, `watchpolicy`: watches of clusters.
"""
