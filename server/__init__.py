"""The composition root: the command line, the HTTP server, and everything they are built from.

- `main`: the command line's entry point; `version`: the version of fleetgraph.
- `composition`: the registry, the clients of its clusters and the executor over them, built from the settings.
- `operationexecutor`: one operation for each request; `operationanswers`: its answers beside whole ones.
- `commanderrors`: errors of the command line and of the start, in whole sentences.
- `settings`, `cli`, `terminal`: the environment, the commands, and their output.
- `live`: connections that stay open: WebSockets, and streams of subscriptions.
- `app`, `http`, `auth`, `ratelimit`, `pages`: an HTTP request, from its first byte to its response.
- `serve`, `observe`: the processes, their metrics and logs; `snapshots`: connections to snapshot clusters.
"""
