"""`clusters import`: registration of kubeconfig contexts, one result line each."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from k8s.credentials.credential import PodServiceAccount
from k8s.credentials.expiry import facts_of
from k8s.credentials.incluster import NotInCluster, in_cluster_endpoint
from k8s.errors import AddressDenied
from k8s.kubeconfig.errors import KubeconfigError
from k8s.kubeconfig.names import ClusterNameInvalid, dns_label
from k8s.network.addresses import AddressPolicy, AddressRefused
from resolvers.fleet.probe import ProbeLimits
from resolvers.fleet.registration import Candidate, RefusedCandidate, Registered, register_each
from server.cli.arguments import parse_labels
from server.cli.changes import changeable_registry
from server.cli.clusters.credentials import expiry_warnings
from server.cli.clusters.kubeconfigs import Choice, choose, find_files, read_kubeconfig
from server.cli.clusters.results import Imported, NotImported, note_failure, print_result, result_json
from server.commanderrors import ExitCode, InputError
from server.settings.clusterlimits import connection_limits, kubeconfig_policy, probe_limits
from server.settings.settings import Settings, load_settings
from server.terminal.output import Json, note_warning, print_json
from server.terminal.progressbar import progress_bar
from store.names import require_cluster_name
from store.registry import Registry

_IN_CLUSTER: Final = "in-cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """The options of the command."""

    kubeconfig: Path | None
    contexts: tuple[str, ...]
    all_contexts: bool
    name: str | None
    labels: tuple[str, ...]
    is_checked: bool
    is_in_cluster: bool = False


@dataclass(frozen=True, slots=True)
class PreparedContext:
    """A context that can be registered."""

    name: str
    candidate: Candidate
    warnings: tuple[str, ...]


def import_clusters(options: ImportOptions, *, as_json: bool) -> ExitCode:
    """Runs the command.

    Raises:
        InputError: The options contradict each other, or select no context.
        KubeconfigError: A file is not a kubeconfig.
        StoreError: The registry cannot be written.
    """
    settings = load_settings()
    labels = parse_labels(options.labels) or None
    limits = connection_limits(settings)
    contexts: list[PreparedContext | NotImported]
    if options.is_in_cluster:
        contexts = [_own_cluster(settings, name=options.name, labels=labels)]
    else:
        choices = _choices(options, settings)
        contexts = _distinct(
            [_context(choice, limits.addresses, name=options.name, labels=labels) for choice in choices]
        )
    probing = probe_limits(settings, limits) if options.is_checked else None
    return asyncio.run(_import(contexts, settings, limits=probing, as_json=as_json))


def _choices(options: ImportOptions, settings: Settings) -> tuple[Choice, ...]:
    if options.all_contexts and options.contexts:
        raise InputError("--all and --context contradict each other; give one of them.")
    if options.name is not None:
        require_cluster_name(options.name)
    policy = kubeconfig_policy(settings)
    kubeconfigs = [read_kubeconfig(path, policy) for path in find_files(options.kubeconfig)]
    choices = choose(kubeconfigs, contexts=options.contexts, all_contexts=options.all_contexts)
    if options.name is not None and len(choices) > 1:
        raise InputError(f"--name is for one context, but {len(choices)} are selected.")
    return choices


def _context(
    choice: Choice, addresses: AddressPolicy, *, name: str | None, labels: dict[str, str] | None
) -> PreparedContext | NotImported:
    try:
        context = choice.kubeconfig.context(choice.context)
        name = name or dns_label(context.name)
        addresses.require_literal(context.endpoint.host)  # also if the cluster is stored without a probe
        candidate = Candidate(
            name=name,
            endpoint=context.endpoint,
            credential=context.credential,
            labels=labels,
        )
    except (KubeconfigError, ClusterNameInvalid) as error:
        return NotImported(context=choice.context, name=name, error=error)
    except AddressRefused as error:
        return NotImported(context=choice.context, name=name, error=AddressDenied(name or choice.context, f"{error}."))
    return PreparedContext(choice.context, candidate, context.warnings)


def _own_cluster(settings: Settings, *, name: str | None, labels: dict[str, str] | None) -> PreparedContext:
    """Returns the cluster of this pod: its address, CA and a reference to the token that the kubelet renews."""
    try:
        endpoint = in_cluster_endpoint(settings.service_account_folder, os.environ)
    except NotInCluster as error:
        raise InputError(str(error)) from error
    name = name or _IN_CLUSTER
    require_cluster_name(name)
    candidate = Candidate(name=name, endpoint=endpoint, credential=PodServiceAccount(), labels=labels)
    return PreparedContext(_IN_CLUSTER, candidate, ())


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
            error = InputError(f"its name would be {name!r}, as that of context {first!r}; import it alone with --name")
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
