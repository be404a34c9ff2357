"""`examples`: the saved queries."""

import sys

from server.cli.query.examples import example, examples, own_folder
from server.terminal.output import note, print_json, print_table


def print_examples(name: str | None, *, as_json: bool) -> None:
    """All saved queries, or the text of one; raises InputError."""
    if name is not None:
        sys.stdout.write(f"{example(name).text.rstrip()}\n")
        return
    known = sorted(examples().values(), key=lambda each: each.name)
    if as_json:
        print_json([{"name": each.name, "about": each.about, "query": each.text} for each in known])
        return
    print_table(("NAME", "ABOUT"), [(each.name, each.about) for each in known])
    note(f"Run one: fleetgraph query --example {known[0].name}. Your own: {own_folder()}/NAME.graphql")
