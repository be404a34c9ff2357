"""Settings of the memory of the process, of callers and of operations."""

from pydantic import Field

from server.settings.types import Bytes, Seconds, SettingGroup


class MemorySettings(SettingGroup):
    """Settings of the memory of the process, of callers and of operations."""

    max_memory_bytes: int | None = Field(
        default=None,
        ge=256 * 1024 * 1024,
        le=1024**4,
        description="The memory of the process; beyond it, operations wait for each other. Default: three quarters of"
        " the container's limit (or of the machine's memory if that is less); without a container limit, "
        "three quarters of 1 GiB, or of half the machine's memory if that is less.",
    )
    max_caller_memory_bytes: Bytes = Field(
        default=512 * 1024 * 1024,
        description="The maximum memory of all operations of one caller; beyond it they wait for each other.",
    )
    max_operation_memory_bytes: Bytes = Field(
        default=512 * 1024 * 1024,
        description="The maximum memory of one operation, at most half of the free memory of the process; above it "
        "the answer is LIMIT_EXCEEDED.",
    )
    memory_wait_s: Seconds = Field(
        default=20.0,
        description="The longest wait for memory that other operations use; then the answer is TOO_MANY_REQUESTS.",
    )
