"""The command line.

- `commands`: signatures and help texts; the modules here and in the folders do the work.
- `clusters`, `snapshots`, `query`: the commands of these names.
- `tokens`, `grants`, `grantcheck`, `keys`, `audit`, `authentication`, `schema`: the commands of one group each.
- `liveschema`: `fleetgraph schema --live`.
- `realdemo`: `fleetgraph demo --real`.
- `changes`: the registry for commands that change it.
- `arguments`: labels and durations as command-line arguments.
- `failures`: exceptions as a line and an exit code.
"""
