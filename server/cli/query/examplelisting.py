"""`examples`: the list of saved queries."""

import sys

from server.cli.query.examples import example, examples, own_folder
from server.terminal.output import note, print_json, print_table


def print_examples(name: str | None, *, as_json: bool) -> None:
    """Prints all saved queries, or the text of one; raises InputError."""
    if name is not None:
        sys.stdout.write(f"{example(name).text.rstrip()}\n")
        return
    known = sorted(examples().values(), key=lambda query: query.name)
    if as_json:
        print_json([{"name": query.name, "about": query.about, "query": query.text} for query in known])
        return
    print_table(("NAME", "ABOUT"), [(query.name, query.about) for query in known])
    note(f"Run one: fleetgraph query --example {known[0].name}. Your own: {own_folder()}/NAME.graphql")
