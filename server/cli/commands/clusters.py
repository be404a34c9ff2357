"""`fleetgraph clusters`: the registered clusters."""

from pathlib import Path
from typing import Annotated

import typer

from server.cli.commands.options import AsJson, ClusterName

app = typer.Typer(help="Register clusters and look after them.", no_args_is_help=True)


@app.command("import")
def import_(
    kubeconfig: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The kubeconfig; default: the files of $KUBECONFIG, or ~/.kube/config."),
    ] = None,
    context: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A context to import; may be repeated. Default: the current context."),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Import all contexts.")] = False,
    snapshot: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="A dump to serve as a cluster, instead: a folder, an archive or a file."),
    ] = None,
    in_cluster: Annotated[
        bool,
        typer.Option("--in-cluster", help="The cluster of this pod, by the pod's own service account, instead."),
    ] = False,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What to call the cluster; default: the context's name, or the file's."),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="A label for the clusters; may be repeated.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Connect first, and store only what answers.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Register clusters from a kubeconfig, or register them again with new credentials; or a dump of one.

    Each is asked for its version and for what its user may do; one that does not answer is not stored, and does not
    keep the others from it.

    With --snapshot, the objects of a dump are stored and served read-only, as a cluster like any other.
    """
    if snapshot is not None:
        from server.cli.snapshots.importing import WantedSnapshot, import_snapshot  # noqa: PLC0415  see the package

        if kubeconfig or context or all_ or in_cluster or not check:
            raise typer.BadParameter(
                "--kubeconfig, --context, --all, --in-cluster and --no-check are not for a --snapshot."
            )
        wanted_snapshot = WantedSnapshot(path=snapshot, name=name, labels=tuple(label or ()))
        raise typer.Exit(import_snapshot(wanted_snapshot, as_json=as_json))
    from server.cli.clusters.importing import Wanted, import_clusters  # noqa: PLC0415  see the package

    if in_cluster and (kubeconfig or context or all_):
        raise typer.BadParameter("--kubeconfig, --context and --all are not for --in-cluster.")
    wanted = Wanted(
        kubeconfig=kubeconfig,
        contexts=tuple(context or ()),
        all_contexts=all_,
        name=name,
        labels=tuple(label or ()),
        is_checked=check,
        is_in_cluster=in_cluster,
    )
    raise typer.Exit(import_clusters(wanted, as_json=as_json))


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the registered clusters."""
    from server.cli.clusters.inventory import list_clusters  # noqa: PLC0415  see the package

    list_clusters(as_json=as_json)


@app.command()
def show(name: ClusterName, as_json: AsJson = False) -> None:
    """Show one cluster, without its credential."""
    from server.cli.clusters.inventory import show_cluster  # noqa: PLC0415  see the package

    show_cluster(name, as_json=as_json)


@app.command()
def label(
    name: ClusterName,
    changes: Annotated[
        list[str], typer.Argument(metavar="KEY=VALUE|KEY-...", help="Labels to set, or, with a dash, to remove.")
    ],
    as_json: AsJson = False,
) -> None:
    """Set and remove labels of a cluster, as kubectl label does; values that are there are replaced."""
    from server.cli.clusters.inventory import label_cluster  # noqa: PLC0415  see the package

    label_cluster(name, changes, as_json=as_json)


@app.command()
def identity(
    name: ClusterName,
    mode: Annotated[str, typer.Argument(metavar="service-account|impersonation", help="How it tells them apart.")],
    as_json: AsJson = False,
) -> None:
    """Set how users and groups with grants are told apart in a cluster."""
    from server.cli.clusters.identity import set_identity  # noqa: PLC0415  see the package

    raise typer.Exit(set_identity(name, mode, as_json=as_json))


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Default: all clusters.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask clusters whether they answer, and what the stored credential may do."""
    from server.cli.clusters.check import check_clusters  # noqa: PLC0415  see the package

    raise typer.Exit(check_clusters(names or [], as_json=as_json))


@app.command()
def snapshot(
    name: ClusterName,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The archive to write: .tar.gz, .tgz or .zip.")
    ],
    with_secret_data: Annotated[
        bool, typer.Option("--with-secret-data", help="Keep the values of secrets; the file is as secret as they are.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write all objects of a cluster to an archive, which clusters import --snapshot serves.

    Kinds that may not be listed are named and skipped. Secrets are written without their values.
    """
    from server.cli.snapshots.writing import WantedFile, write_snapshot  # noqa: PLC0415  see the package

    wanted = WantedFile(name=name, path=output, has_secret_data=with_secret_data, may_replace=force)
    raise typer.Exit(write_snapshot(wanted, as_json=as_json))


@app.command()
def remove(
    name: ClusterName,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget a cluster and its credential; the cluster itself is not touched."""
    from server.cli.clusters.removal import remove_cluster  # noqa: PLC0415  see the package

    remove_cluster(name, is_confirmed=yes)
