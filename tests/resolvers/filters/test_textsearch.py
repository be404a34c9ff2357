"""Search in pieces has the results of a single search."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.filters.comparing import ValueType
from resolvers.filters.conditions import Comparison, Operator
from resolvers.filters.textsearch import Substring
from tests.otherturns import turns_during
from tests.processortime import in_loops
from tests.resolvers.holding import compiled

LETTERS = st.text("aAb\u0130\u00df", max_size=20)


@settings(deadline=None)  # a busy machine starts event loops slowly
@given(LETTERS, st.text("ab\u0130s", min_size=1, max_size=4), st.booleans())
async def test_no_piece_hides_a_text(text: str, wanted: str, ignores_case: bool) -> None:
    sought = wanted.casefold() if ignores_case else wanted
    contained = Substring(sought, ignores_case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("resolvers.filters.textsearch._AT_ONCE_CHARACTERS", 3)
        found = contained.holds(text)
        found = await contained.at_length(text) if found is None else found

    assert found == (sought in (text.casefold() if ignores_case else text))


@pytest.mark.parametrize("ignores_case", [False, True])
async def test_others_have_turns_while_a_long_text_is_searched(
    ignores_case: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    contained, text = Substring("ab", ignores_case), "a" * 10_000_000

    assert contained.holds(text) is None
    assert await turns_during(lambda: contained.at_length(text), monkeypatch) >= 200


@given(
    LETTERS, LETTERS, st.sampled_from([Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE])
)
def test_the_beginning_decides_as_the_whole_text_would(text: str, other: str, op: Operator) -> None:
    holds = compiled(Comparison("at", op, other, ignores_case=True), ValueType.TEXT, is_many=False)
    one, two = text.casefold(), other.casefold()
    wanted = {
        Operator.EQ: one == two,
        Operator.NE: one != two,
        Operator.LT: one < two,
        Operator.LE: one <= two,
        Operator.GT: one > two,
        Operator.GE: one >= two,
    }

    assert holds(text) == wanted[op]


@pytest.mark.parametrize("op", [Operator.EQ, Operator.LT, Operator.STARTS_WITH, Operator.IN])
def test_of_a_long_text_no_more_is_folded_than_decides(op: Operator) -> None:
    value = ["a"] if op is Operator.IN else "a"
    holds = compiled(Comparison("at", op, value, ignores_case=True), ValueType.TEXT, is_many=False)

    short, long = (in_loops(partial(holds, "\u0130" * length)) for length in (1000, 3_000_000))

    assert long < short + 30  # to fold it all takes about eighty
