"""What the process may take in memory, and of that callers and operations."""

from pydantic import Field

from server.settings.types import Bytes, Seconds, SettingGroup


class MemorySettings(SettingGroup):
    """What the process may take in memory, and of that callers and operations."""

    max_memory_bytes: int | None = Field(
        default=None,
        ge=256 * 1024 * 1024,
        le=1024**4,
        description="What the process should take in memory; beyond it, operations wait for each other. Default: three "
        "quarters of the container's limit (or of the machine's memory if that is less), or without one of 1 GiB, or "
        "of half the machine's memory if that is less.",
    )
    max_caller_memory_bytes: Bytes = Field(
        default=512 * 1024 * 1024,
        description="What all operations of one caller may hold in memory; beyond it they wait for each other.",
    )
    max_operation_memory_bytes: Bytes = Field(
        default=512 * 1024 * 1024,
        description="What one operation may hold in memory, at most half of what the process has left; above it the "
        "answer is LIMIT_EXCEEDED.",
    )
    memory_wait_s: Seconds = Field(
        default=20.0, description="The longest wait for memory that others hold; then the answer is TOO_MANY_REQUESTS."
    )
