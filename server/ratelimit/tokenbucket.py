"""A token bucket: a rate with bursts. A burst may come at once, then one after the other at equal distances."""

from time import monotonic


class TokenBucket:
    """The tokens that are left, and the time of the next one."""

    def __init__(self, *, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = self._left = burst
        self._filled_s = monotonic()

    def next_s(self) -> float:
        """Returns the seconds until the next token, and takes none."""
        now_s = monotonic()
        self._left = min(self._burst, self._left + (now_s - self._filled_s) * self._per_s)
        self._filled_s = now_s
        return max(0.0, (1 - self._left) / self._per_s)

    def wait_s(self, *, most_s: float) -> float | None:
        """Takes the next token.

        Args:
            most_s: The longest wait, in seconds.

        Returns:
            The seconds to wait for the token; None if they are more than `most_s`, and no token was taken.
        """
        wait_s = self.next_s()
        if wait_s > most_s:
            return None
        self._left -= 1
        return wait_s
