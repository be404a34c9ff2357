"""`fleetgraph grants`: roles of users and groups in clusters."""

from typing import Annotated

import typer

from server.cli.commands.completion import cluster_names
from server.cli.commands.options import AsJson

app = typer.Typer(help="Grant users and groups roles in clusters, and take them away.", no_args_is_help=True)


@app.command()
def add(
    user: Annotated[str | None, typer.Option(metavar="NAME", help="The user, by its name from authentication.")] = None,
    group: Annotated[
        str | None, typer.Option(metavar="NAME", help="The group, by its name from authentication.")
    ] = None,
    cluster: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A cluster by name; may be repeated.", autocompletion=cluster_names),
    ] = None,
    cluster_labels: Annotated[
        str | None, typer.Option(metavar="KEY=VALUE,...", help="Every cluster with these labels, also later ones.")
    ] = None,
    all_clusters: Annotated[bool, typer.Option("--all-clusters", help="Every cluster, also later ones.")] = False,
    cluster_role: Annotated[
        str | None, typer.Option(metavar="NAME", help="The ClusterRole to grant, such as view.")
    ] = None,
    role: Annotated[str | None, typer.Option(metavar="NAME", help="The Role to grant; needs --namespace.")] = None,
    namespace: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only in this namespace; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Grant a user or a group a role in clusters; until then those do not exist for them."""
    from resolvers.grants.grantarguments import GrantArguments  # noqa: PLC0415  see the package
    from server.cli.grants import add_grant  # noqa: PLC0415  see the package

    arguments = GrantArguments(
        user=user,
        group=group,
        cluster_names=cluster or None,
        cluster_labels=cluster_labels,
        all_clusters=all_clusters,
        cluster_role=cluster_role,
        role=role,
        namespaces=namespace or None,
    )
    add_grant(arguments, as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the grants."""
    from server.cli.grants import list_grants  # noqa: PLC0415  see the package

    list_grants(as_json=as_json)


@app.command()
def remove(
    grant: Annotated[str, typer.Argument(metavar="ID", help="The grant's id.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """End a grant, and remove its service accounts and bindings in clusters."""
    from server.cli.grants import remove_grant  # noqa: PLC0415  see the package

    raise typer.Exit(remove_grant(grant, as_json=as_json))


@app.command()
def check(
    user: Annotated[str, typer.Option(metavar="NAME", help="The user.")],
    group: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A group that the user is in; may be repeated.")
    ] = None,
    ask: Annotated[
        bool, typer.Option("--ask/--no-ask", help="Ask each cluster for the permissions of the user.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Show the clusters that exist for a user, its roles, and its identity and permissions there."""
    from server.cli.grantcheck import check_grants  # noqa: PLC0415  see the package

    raise typer.Exit(check_grants(user, tuple(group or ()), is_asked=ask, as_json=as_json))
