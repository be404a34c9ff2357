"""The variables and fragments that a part of a document uses."""

from collections.abc import Mapping

from graphql import FragmentDefinitionNode, FragmentSpreadNode, SelectionNode, VariableNode, Visitor, visit


class Uses(Visitor):
    """The variables and fragments that nodes use, and those that these fragments use.

    Attributes:
        variables: The names of the variables.
        fragments: The fragments by name; unknown ones are left out.
    """

    def __init__(self, known: Mapping[str, FragmentDefinitionNode]) -> None:
        """Takes the fragments of the document."""
        super().__init__()
        self.variables: set[str] = set()
        self.fragments: dict[str, FragmentDefinitionNode] = {}
        self._known = known

    def add(self, node: SelectionNode | FragmentDefinitionNode) -> None:
        """Adds what a node uses."""
        visit(node, self)

    def enter_variable(self, node: VariableNode, *_place: object) -> None:
        """Adds a variable."""
        self.variables.add(node.name.value)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_place: object) -> None:
        """Adds a fragment, with what it uses."""
        name = node.name.value
        if name in self._known and name not in self.fragments:
            self.fragments[name] = self._known[name]
            self.add(self._known[name])
