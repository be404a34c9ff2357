"""Limits of operations, memory, documents, the audit and dumps, from settings."""

from datetime import timedelta

from resolvers.audit.policy import AuditPolicy
from resolvers.limits import DocumentLimits, MemoryLimits, OperationLimits
from server.settings.containermemory import default_memory_bytes
from server.settings.settings import Settings
from snapshots.dumps.limits import DumpLimits


def operation_limits(settings: Settings) -> OperationLimits:
    """Returns the limits of one query."""
    return OperationLimits(
        cluster_timeout_s=settings.cluster_timeout_s,
        objects=settings.max_objects,
        page_objects=settings.max_page_objects,
        selected_fields=settings.max_selected_fields,
        depth=settings.max_depth,
        sent_objects=settings.max_sent_objects,
        requests=settings.max_requests,
        cost=settings.max_cost,
        expanded_values=settings.max_expanded_values,
        history_points=settings.max_history_points,
        pattern_steps=settings.max_pattern_steps,
        introspected_fields=settings.max_introspected_fields,
        probed_namespaces=settings.max_probed_namespaces,
        listed_namespaces=settings.max_listed_namespaces,
        revealers=settings.reveal,
        revealed_secrets=settings.max_revealed_secrets,
    )


def memory_limits(settings: Settings) -> MemoryLimits:
    """Returns the limits of memory."""
    return MemoryLimits(
        process_bytes=settings.max_memory_bytes or default_memory_bytes(),
        caller_bytes=settings.max_caller_memory_bytes,
        operation_bytes=settings.max_operation_memory_bytes,
        wait_s=settings.memory_wait_s,
    )


def document_limits(settings: Settings) -> DocumentLimits:
    """Returns the limits of the document of one query."""
    return DocumentLimits(
        characters=settings.max_document_characters,
        tokens=settings.max_tokens,
        comments=settings.max_comments,
        depth=settings.max_depth,
        fields=settings.max_selected_fields,
        aliases=settings.max_aliases,
        root_fields=settings.max_root_fields,
        directives=settings.max_directives,
        operations=settings.max_operations,
        fragments=settings.max_fragments,
        variables=settings.max_variables,
        comparisons=settings.max_comparisons,
    )


def audit_policy(settings: Settings) -> AuditPolicy:
    """Returns the policy of the audit."""
    return AuditPolicy(
        waiting_events=settings.audit_waiting_events,
        most_events=settings.audit_max_events,
        when_full=settings.audit_when_full,
        retention=timedelta(days=settings.audit_retention_days),
    )


def dump_limits(settings: Settings) -> DumpLimits:
    """Returns the limits of an imported dump."""
    return DumpLimits(
        total_bytes=settings.max_snapshot_bytes,
        file_bytes=settings.max_snapshot_file_bytes,
        files=settings.max_snapshot_files,
    )
