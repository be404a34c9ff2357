"""The composition root: the command line, the HTTP server, and everything they are built from.

- `main`: the command line's entry point; `version`: its release.
- `composition`: settings turned into the store, the fleet and the engine, in one place.
- `fleet`: the executor over the registered clusters; `executor`: one operation for each request.
- `errors`: errors of the command line and of the start, in whole sentences.
- `settings`, `cli`, `terminal`: the environment, the commands, and their output.
- `app`, `http`, `auth`, `ratelimit`, `pages`: an HTTP request, from its first byte to its response.
- `serve`, `observe`, `snapshots`: the processes, their metrics and logs, and clusters that are snapshots.
"""
