"""`fleetgraph clusters`: the registered clusters."""

from pathlib import Path
from typing import Annotated

import typer

from server.cli.commands.completion import cluster_names
from server.cli.commands.options import AsJson, ClusterName

app = typer.Typer(help="Register and manage clusters.", no_args_is_help=True)


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
        typer.Option(
            metavar="PATH", help="A dump to serve as a cluster: a folder, an archive, a file, or - for standard input."
        ),
    ] = None,
    in_cluster: Annotated[
        bool,
        typer.Option("--in-cluster", help="Import the cluster of this pod, with the pod's service account."),
    ] = False,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The cluster's name; default: the name of the context or file."),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="A label for the clusters; may be repeated.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Connect first and store only clusters that answer.")
    ] = True,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD",
            help="Allow something for this import; may be repeated.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Register clusters from a kubeconfig, or again with new credentials; or a dump of a cluster.

    Words of --allow: files, insecure-skip-tls-verify, proxy-url, exec=COMMAND, env=NAME.

    Each cluster is asked for its version and for the permissions of its user. A cluster that does not answer is not
    stored; the others are.

    With --snapshot, the objects of a dump are stored and served read-only, like any other cluster.
    """
    if snapshot is not None:
        from server.cli.snapshots.importing import SnapshotOptions, import_snapshot  # noqa: PLC0415  see the package

        if kubeconfig or context or all_ or in_cluster or allow or not check:
            raise typer.BadParameter(
                "--kubeconfig, --context, --all, --in-cluster, --allow and --no-check cannot be combined with "
                "--snapshot."
            )
        snapshot_options = SnapshotOptions(path=snapshot, name=name, labels=tuple(label or ()))
        raise typer.Exit(import_snapshot(snapshot_options, as_json=as_json))
    from server.cli.clusters.allowing import ImportOptions  # noqa: PLC0415  see the package
    from server.cli.clusters.importing import import_clusters  # noqa: PLC0415  see the package

    if in_cluster and (kubeconfig or context or all_ or allow):
        raise typer.BadParameter("--kubeconfig, --context, --all and --allow cannot be combined with --in-cluster.")
    options = ImportOptions(
        kubeconfig=kubeconfig,
        contexts=tuple(context or ()),
        all_contexts=all_,
        name=name,
        labels=tuple(label or ()),
        is_checked=check,
        allow=tuple(allow or ()),
        is_in_cluster=in_cluster,
    )
    raise typer.Exit(import_clusters(options, as_json=as_json))


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
        list[str], typer.Argument(metavar="KEY=VALUE|KEY-...", help="Labels to set (KEY=VALUE) or to remove (KEY-).")
    ],
    as_json: AsJson = False,
) -> None:
    """Set and remove labels of a cluster, like kubectl label; existing values are replaced."""
    from server.cli.clusters.inventory import label_cluster  # noqa: PLC0415  see the package

    label_cluster(name, changes, as_json=as_json)


@app.command()
def identity(
    name: ClusterName,
    mode: Annotated[
        str, typer.Argument(metavar="service-account|impersonation", help="The identity of their requests.")
    ],
    as_json: AsJson = False,
) -> None:
    """Set the way in which a cluster distinguishes users and groups with grants."""
    from server.cli.clusters.identity import set_identity  # noqa: PLC0415  see the package

    raise typer.Exit(set_identity(name, mode, as_json=as_json))


@app.command()
def prometheus(
    name: ClusterName,
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="ADDRESS",
            help="https://HOST[:PORT][/PATH], or service:NAMESPACE/NAME:PORT in the cluster. Default: show it.",
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the address.")] = False,
    as_json: AsJson = False,
) -> None:
    """Set or show the address of the Prometheus that records a cluster's usage."""
    from server.cli.clusters.prometheus import set_prometheus, show_prometheus  # noqa: PLC0415  see the package

    if remove and address is not None:
        raise typer.BadParameter("give an ADDRESS or --remove, not both")
    if remove or address is not None:
        set_prometheus(name, address, as_json=as_json)
    else:
        show_prometheus(name, as_json=as_json)


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Default: all clusters.", autocompletion=cluster_names)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check whether clusters answer, and the permissions of the stored credentials."""
    from server.cli.clusters.check import check_clusters  # noqa: PLC0415  see the package

    raise typer.Exit(check_clusters(names or [], as_json=as_json))


@app.command()
def snapshot(
    name: ClusterName,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The archive to write: .tar.gz, .tgz or .zip.")
    ],
    with_secret_data: Annotated[
        bool,
        typer.Option(
            "--with-secret-data",
            help="Include masked values, such as those of secrets; the file is then as secret as they are.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write all objects of a cluster to an archive for clusters import --snapshot.

    Kinds that the credential must not list are named and skipped. Secrets are written without their values.
    """
    from server.cli.snapshots.archive import ArchiveOptions  # noqa: PLC0415  see the package
    from server.cli.snapshots.writing import write_snapshot  # noqa: PLC0415

    options = ArchiveOptions(name=name, path=output, has_secret_data=with_secret_data, may_replace=force)
    raise typer.Exit(write_snapshot(options, as_json=as_json))


@app.command()
def remove(
    name: ClusterName,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a cluster and its credential from the registry; the cluster itself stays as it is."""
    from server.cli.clusters.removal import remove_cluster  # noqa: PLC0415  see the package

    remove_cluster(name, is_confirmed=yes)
