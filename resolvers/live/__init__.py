"""Lists that subscriptions follow: the current objects of watched kinds.

- `livefleet`, `members`: the clusters of the callers of a list, whose readers read watched objects (`livereader`);
  `polled`: reads of what no watch tells.
- `dependencies`, `dependency`: the watches that one list uses, and whether their changes matter.
- `livelist`: one list: what is dirty, and what its subscribers get; `livepass`: one round of it.
- `membership`: its clusters, which join and leave; `followedcluster`, `beginning`: one of them, and how it begins.
- `evaluation`: what is evaluated, and what it gives.
- `changes`: changes between what was sent and what is now; `outlet`: payloads of them.
- `subscriber`: who takes them; `joins`: how it joins each cluster.
- `resuming`: what a client has by its token, and what it has missed since.
- `watchingclient`: a client of a cluster with the watches of its identity; `watchnetwork` makes them, by a
  `watchpolicy`.
"""
