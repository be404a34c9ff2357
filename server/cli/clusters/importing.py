"""`clusters import`: registration of kubeconfig contexts, one result line each."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from k8s.credentials.credential import PodServiceAccount
from k8s.credentials.expiry import facts_of
from k8s.credentials.incluster import NotInCluster, in_cluster_endpoint
from k8s.errors import AddressDenied
from k8s.kubeconfig.errors import KubeconfigError, PermissionNeeded
from k8s.kubeconfig.kubeconfig import Kubeconfig
from k8s.kubeconfig.names import ClusterNameInvalid, dns_label
from k8s.kubeconfig.policy import KubeconfigPolicy
from k8s.network.addresses import AddressPolicy, AddressRefused
from resolvers.fleet.probe import ProbeLimits
from resolvers.fleet.registration import Candidate, RefusedCandidate, Registered, register_each
from server.cli.arguments import parse_labels
from server.cli.changes import changeable_registry
from server.cli.clusters.allowing import ImportOptions, note_way_out, policy_of_import
from server.cli.clusters.credentials import expiry_warnings
from server.cli.clusters.kubeconfigs import ReadFiles, choose, find_files, read_files
from server.cli.clusters.results import Imported, NotImported, note_failure, print_result, result_json
from server.commanderrors import ExitCode, InputError
from server.settings.clusterlimits import connection_limits, kubeconfig_limits, kubeconfig_policy, probe_limits
from server.settings.settings import Settings, load_settings
from server.terminal.output import Json, note, note_warning, print_json
from server.terminal.progressbar import progress_bar
from store.names import require_cluster_name
from store.registry import Registry

_IN_CLUSTER: Final = "in-cluster"


@dataclass(frozen=True, slots=True)
class PreparedContext:
    """A context that can be registered."""

    name: str
    candidate: Candidate
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def import_clusters(options: ImportOptions, *, as_json: bool) -> ExitCode:
    """Runs the command.

    Raises:
        InputError: The options contradict each other, or select no context.
        KubeconfigError: The only file is not a kubeconfig.
        StoreError: The registry cannot be written.
    """
    settings = load_settings()
    labels = parse_labels(options.labels) or None
    limits = connection_limits(settings)
    policy = policy_of_import(kubeconfig_policy(settings), options)
    contexts: list[PreparedContext | NotImported]
    if options.is_in_cluster:
        contexts = [_own_cluster(settings, name=options.name, labels=labels)]
    else:
        files, names = _chosen(options, settings, policy)
        contexts = [NotImported(context=None, name=None, error=error) for error in files.broken]
        kubeconfig = files.kubeconfig
        prepared = [_context(kubeconfig, name, limits.addresses, options=options, labels=labels) for name in names]
        contexts += _distinct(prepared)
        _note_ignored(kubeconfig, contexts)
    probing = probe_limits(settings, limits) if options.is_checked else None
    exit_code = asyncio.run(_import(contexts, settings, limits=probing, as_json=as_json))
    refusals = [context.error for context in contexts if isinstance(context, NotImported)]
    note_way_out([error for error in refusals if isinstance(error, PermissionNeeded)], policy, options)
    return exit_code


def _chosen(options: ImportOptions, settings: Settings, policy: KubeconfigPolicy) -> tuple[ReadFiles, tuple[str, ...]]:
    """Returns the files, and the names of the selected contexts."""
    if options.all_contexts and options.contexts:
        raise InputError("--all and --context contradict each other; give one of them.")
    if options.name is not None:
        require_cluster_name(options.name)
    files = read_files(find_files(options.kubeconfig), policy, kubeconfig_limits(settings))
    names = choose(files.kubeconfig, contexts=options.contexts, all_contexts=options.all_contexts)
    if options.name is not None and len(names) > 1:
        raise InputError(f"--name is for one context, but {len(names)} are selected.")
    return files, names


def _note_ignored(kubeconfig: Kubeconfig, contexts: Sequence[PreparedContext | NotImported]) -> None:
    """Prints once what was ignored, however many contexts have it."""
    notes = [text for context in contexts if isinstance(context, PreparedContext) for text in context.notes]
    for text in dict.fromkeys((*kubeconfig.notes, *notes)):
        note(f"note: {text}.")


def _context(
    kubeconfig: Kubeconfig,
    selected: str,
    addresses: AddressPolicy,
    *,
    options: ImportOptions,
    labels: dict[str, str] | None,
) -> PreparedContext | NotImported:
    name = options.name
    try:
        context = kubeconfig.context(selected)
        name = name or dns_label(context.name)
        addresses.require_literal(context.endpoint.host)  # also if the cluster is stored without a probe
        candidate = Candidate(name=name, endpoint=context.endpoint, credential=context.credential, labels=labels)
    except (KubeconfigError, ClusterNameInvalid) as error:
        return NotImported(context=selected, name=name, error=error)
    except AddressRefused as error:
        return NotImported(context=selected, name=name, error=AddressDenied(name or selected, f"{error}."))
    return PreparedContext(selected, candidate, context.warnings, context.notes)


def _own_cluster(settings: Settings, *, name: str | None, labels: dict[str, str] | None) -> PreparedContext:
    """Returns the cluster of this pod: its address, CA and a reference to the token that the kubelet renews."""
    try:
        endpoint = in_cluster_endpoint(settings.service_account_folder, os.environ)
    except NotInCluster as error:
        raise InputError(str(error)) from error
    name = name or _IN_CLUSTER
    require_cluster_name(name)
    candidate = Candidate(name=name, endpoint=endpoint, credential=PodServiceAccount(), labels=labels)
    return PreparedContext(_IN_CLUSTER, candidate)


def _distinct(contexts: Sequence[PreparedContext | NotImported]) -> list[PreparedContext | NotImported]:
    """Refuses contexts whose cluster name belongs to an earlier context."""
    first_contexts: dict[str, str] = {}
    distinct: list[PreparedContext | NotImported] = []
    for context in contexts:
        if isinstance(context, NotImported):
            distinct.append(context)
            continue
        name = context.candidate.name
        first = first_contexts.setdefault(name, context.name)
        if first == context.name:
            distinct.append(context)
        else:
            error = InputError(
                f"its name would be {name!r}, as that of context {first!r}; import it alone with --name."
            )
            distinct.append(NotImported(context=context.name, name=name, error=error))
    return distinct


async def _import(
    contexts: Sequence[PreparedContext | NotImported], settings: Settings, *, limits: ProbeLimits | None, as_json: bool
) -> ExitCode:
    results: list[Json] = []
    has_failed = False
    async with changeable_registry(settings) as registry:
        async for result in _results(registry, contexts, limits=limits):
            has_failed = has_failed or isinstance(result, NotImported)
            if as_json:
                results.append(result_json(result))
                note_failure(result)
            else:
                print_result(result)
    if as_json:
        print_json(results)
    return ExitCode.FAILED if has_failed else ExitCode.OK


async def _results(
    registry: Registry, contexts: Sequence[PreparedContext | NotImported], *, limits: ProbeLimits | None
) -> AsyncIterator[Imported | NotImported]:
    """Yields the results in the order of the contexts, each as soon as it and all before it are complete."""
    candidates = [context.candidate for context in contexts if isinstance(context, PreparedContext)]
    with progress_bar("Connecting", total=len(candidates)) as advance:
        registered = register_each(registry.clusters, candidates, log=registry.audit, limits=limits, on_done=advance)
        for context in contexts:
            yield context if isinstance(context, NotImported) else _result(context, await anext(registered))


def _result(context: PreparedContext, outcome: Registered | RefusedCandidate) -> Imported | NotImported:
    name = context.candidate.name
    if isinstance(outcome, RefusedCandidate):
        return NotImported(context=context.name, name=name, error=outcome.error)
    for warning in context.warnings:
        note_warning(f"{name}: {warning}")
    # the kubeconfig's warnings say already that a credential has expired
    credential = None if context.warnings else facts_of(context.candidate.credential)
    for warning in expiry_warnings(outcome.record.name, credential, outcome.probe, now=datetime.now(UTC)):
        note_warning(warning)
    return Imported(context=context.name, registered=outcome, warnings=context.warnings)
