"""Label and field selectors, checked by their grammar before any request.

Source: the `labels` and `fields` packages of k8s.io/apimachinery.
"""

import re
from collections.abc import Mapping
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.masking.masking import Masking
from resolvers.errors import BadUserInput

_MAX_CHARACTERS = 10_000
_SPACE = " \t\r\n"
_GAP = rf"[{_SPACE}]*"
_KEY = r"(?:[A-Za-z0-9](?:[-A-Za-z0-9.]{0,251}[A-Za-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_VALUE = r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"
_EQUALITY = re.compile(rf"({_KEY}){_GAP}(==|=|!=){_GAP}({_VALUE})")
_SET = re.compile(rf"{_KEY}[{_SPACE}]+(?:in|notin){_GAP}\(([^()]*)\)")
_SET_VALUE = re.compile(_VALUE)
_PRESENCE = re.compile(rf"(?:!{_GAP})?{_KEY}")
_COMPARISON = re.compile(rf"{_KEY}{_GAP}[<>]{_GAP}-?[0-9]{{1,19}}")
_FIELD = re.compile(rf"([A-Za-z][-A-Za-z0-9._]*){_GAP}(==|=|!=)([^,=!\\\x00-\x1f]*)")
_OTHER_PATHS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    str(kinds.EVENT): {"source": ("source.component", "reportingComponent")},
    str(kinds.JOB): {"status.successful": ("status.succeeded",)},
    str(kinds.POD): {"spec.host": ("spec.nodeName",), "status.podIP": ("status.podIPs.ip",)},
}
"""The paths of fields that select by other values than those at their own path, by kind.

Source: the conversion functions of pkg/apis and the registries' `SelectableFields` of Kubernetes.
"""


def checked_label_selector(text: str | None) -> str:
    """Returns the selector; an empty one for None.

    Raises:
        BadUserInput: it does not follow the grammar of label selectors.
    """
    for requirement in _requirements("labelSelector", text):
        if not _is_requirement(requirement):
            raise BadUserInput(
                f"labelSelector: {requirement[:80]!r} is no requirement; "
                "write key=value, key!=value, key in (a,b), key notin (a,b), key or !key, with commas between."
            )
    return (text or "").strip(_SPACE)


def checked_field_selector(text: str | None) -> str:
    """Returns the selector without spaces, which API servers read as characters of the path; an empty one for None.

    The API server checks that the kind supports the fields.

    Raises:
        BadUserInput: it does not follow the grammar of field selectors.
    """
    requirements = []
    for requirement in _requirements("fieldSelector", text):
        match = _FIELD.fullmatch(requirement)
        if match is None:
            raise BadUserInput(
                f"fieldSelector: {requirement[:80]!r} is no requirement; "
                "write path=value or path!=value, such as status.phase=Running, with commas between."
            )
        requirements.append(f"{match[1]}{match[2]}{match[3].strip(_SPACE)}")
    return ",".join(requirements)


def refuse_masked_fields(selector: str, kind: Kind, masking: Masking) -> None:
    """Refuses a checked field selector that selects objects of a kind by masked values.

    Raises:
        BadUserInput: a field is masked.
    """
    for requirement in _requirements("fieldSelector", selector):
        match = _FIELD.fullmatch(requirement)
        paths = (match[1], *_OTHER_PATHS.get(str(kind), {}).get(match[1], ())) if match is not None else ()
        if match is not None and any(masking.has_masked(kind, path.split(".")) for path in paths):
            raise BadUserInput(f"fieldSelector: {match[1]} is masked, so objects cannot be selected by it.")


def cluster_labels(text: str) -> dict[str, str]:
    """Returns the labels of a text such as `env=prod,region=eu`.

    Raises:
        BadUserInput: it is no list of equalities.
    """
    labels: dict[str, str] = {}
    for requirement in _requirements("clusters.labels", text):
        match = _EQUALITY.fullmatch(requirement)
        if match is None or match[2] == "!=":
            raise BadUserInput(f"clusters.labels: {requirement[:80]!r} is no label; write key=value,key=value.")
        if labels.setdefault(match[1], match[3]) != match[3]:
            raise BadUserInput(f"clusters.labels: {match[1]!r} has two values here; no cluster has both.")
    return labels


def _is_requirement(text: str) -> bool:
    match = _SET.fullmatch(text)
    if match is not None:
        return all(_SET_VALUE.fullmatch(value.strip(_SPACE)) for value in match[1].split(","))
    return any(form.fullmatch(text) for form in (_EQUALITY, _PRESENCE, _COMPARISON))


def _requirements(argument: str, text: str | None) -> list[str]:
    """Splits a selector at its commas, except for those in parentheses, and strips the requirements."""
    if text is None or not text.strip(_SPACE):
        return []
    if len(text) > _MAX_CHARACTERS:
        raise BadUserInput(f"{argument}: {len(text)} characters; the limit is {_MAX_CHARACTERS}.")
    requirements: list[list[str]] = []
    is_open = False
    for piece in text.split(","):
        if is_open:
            requirements[-1].append(piece)
        else:
            requirements.append([piece])
        is_open = piece.rfind("(") > piece.rfind(")") or (is_open and ")" not in piece)
    return [",".join(pieces).strip(_SPACE) for pieces in requirements]
