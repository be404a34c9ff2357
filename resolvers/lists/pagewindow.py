"""The part of a list over the fleet that a page needs: its beginning, or what follows a cursor.

Lists are ordered by cluster and then as the API servers order them, so a page needs at most `first` objects of each
cluster, and none of the clusters before the cursor's.
"""

from dataclasses import dataclass

from k8s.reading.listing import WHOLE, Window
from resolvers.arguments.arguments import ListArguments
from resolvers.arguments.cursors import END, IN_NAMESPACE, CursorPlace


@dataclass(frozen=True, slots=True)
class PageWindow:
    """A part of a list in the order of every list.

    Attributes:
        first: the number of objects that are needed; None for all.
        after: the place behind which it begins; None at the beginning.
    """

    first: int | None = None
    after: CursorPlace | None = None

    def window(self, cluster: str, namespace: str | None) -> Window | None:
        """Returns the part that is needed of one request to one cluster; None if no object is.

        Args:
            cluster: its name.
            namespace: of the request; None for one over all namespaces.
        """
        if self.after is None:
            return Window(self.first) if self.first is not None else WHOLE
        place = (self.after.key[0], f"{self.after.key[1]}/")
        request_place = (cluster, place[1] if namespace is None else f"{namespace}/")
        if request_place < place:
            return None
        if request_place > place:
            return Window(self.first)
        token = self._token(self.after.token, is_in_namespace=namespace is not None)
        return None if token == END else Window(self.first, self.after.key[1:], token)

    def _token(self, token: str, *, is_in_namespace: bool) -> str:
        """Returns the token itself, if it continues such a list: what the caller may list can change between pages."""
        if token.startswith(IN_NAMESPACE) != is_in_namespace:
            return ""
        return token.removeprefix(IN_NAMESPACE)


ALL = PageWindow()
"""The whole list."""


def page_window(arguments: ListArguments, after: CursorPlace | None) -> PageWindow:
    """Returns the part that a page needs: the whole list where objects are picked from all of it."""
    picks = arguments.where or arguments.order_by or arguments.reads_all_namespaces
    if picks or arguments.first is None:
        return ALL
    return PageWindow(arguments.first, after)
