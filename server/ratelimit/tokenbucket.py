"""A rate that may be exceeded for a moment: so many at once, then one after the other at equal distances."""

from time import monotonic


class TokenBucket:
    """What may still be done now, and when the next is due."""

    def __init__(self, *, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = self._left = burst
        self._filled_s = monotonic()

    def next_s(self) -> float:
        """Returns the seconds until the next place is due, and takes none."""
        now_s = monotonic()
        self._left = min(self._burst, self._left + (now_s - self._filled_s) * self._per_s)
        self._filled_s = now_s
        return max(0.0, (1 - self._left) / self._per_s)

    def wait_s(self, *, most_s: float) -> float | None:
        """Takes the next place.

        Args:
            most_s: The longest wait, in seconds.

        Returns:
            The seconds to wait for the place; None if it would be longer than that, and none was taken.
        """
        wait_s = self.next_s()
        if wait_s > most_s:
            return None
        self._left -= 1
        return wait_s
