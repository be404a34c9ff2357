"""Why there are no control planes here."""


class ControlPlaneUnavailable(RuntimeError):
    """The binaries cannot be had on this machine; the message is one line that says which and why."""
