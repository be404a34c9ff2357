"""The composition root: the command line, the HTTP server, and everything they are built from.

- `main`: the command line's entry point; `version`: the version of fleetgraph.
- `composition`: the registry and the kubeconfig policy, opened by settings.
- `fleet`: the fleet and the engine, opened by settings; `executor`: one operation for each request.
- `errors`: errors of the command line and of the start, in whole sentences.
- `settings`, `cli`, `terminal`: the environment, the commands, and their output.
- `app`, `http`, `auth`, `ratelimit`, `pages`: an HTTP request, from its first byte to its response.
- `serve`, `observe`: the processes, their metrics and logs; `snapshots`: connections to all kinds of clusters.
"""
