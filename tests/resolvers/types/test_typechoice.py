"""The choice of groups: entries, domains, exclusions."""

import pytest

from resolvers.types.typechoice import TypeChoice

GROUPS = ("argoproj.io", "aws.upbound.io", "ec2.aws.upbound.io", "cert-manager.io", "upbound.io")


@pytest.mark.parametrize(
    ("entries", "chosen"),
    [
        (["*"], GROUPS),
        ([], ()),
        (["argoproj.io"], ("argoproj.io",)),
        (["*", "-argoproj.io"], GROUPS[1:]),
        (["-argoproj.io"], GROUPS[1:]),
        (["*.upbound.io"], ("aws.upbound.io", "ec2.aws.upbound.io")),
        (["*.upbound.io", "-*.aws.upbound.io"], ("aws.upbound.io",)),
        (["-*"], ()),
        (["argoproj.io", "-argoproj.io"], ()),
        (["io"], ()),
    ],
)
def test_groups_are_chosen(entries: list[str], chosen: tuple[str, ...]) -> None:
    choice = TypeChoice.of(entries)

    assert tuple(group for group in GROUPS if choice.chooses(group)) == chosen
    assert not (chosen and choice.is_empty)


@pytest.mark.parametrize("entries", [[], ["-*"], ["argoproj.io", "-*"]])
def test_a_choice_of_nothing_is_empty(entries: list[str]) -> None:
    assert TypeChoice.of(entries).is_empty


@pytest.mark.parametrize("entry", ["Argoproj.io", "argoproj.io/v1", "*io", "a..b", "--x", "-", "", "a*", ".io", "ä.io"])
def test_what_is_no_group_is_refused_by_name(entry: str) -> None:
    with pytest.raises(ValueError, match=r"no API group.*separated by commas") as refused:
        TypeChoice.of([entry])

    assert repr(entry) in str(refused.value)
