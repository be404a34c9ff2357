"""The error of a machine without control planes."""


class ControlPlaneUnavailable(RuntimeError):
    """Binaries that are unavailable on this machine; the message is one line with their names and the reason."""
