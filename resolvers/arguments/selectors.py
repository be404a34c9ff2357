"""Label and field selectors, checked by their grammar before anything is sent.

Source: the `labels` and `fields` packages of k8s.io/apimachinery.
"""

import re

from resolvers.errors import BadUserInput

_LONGEST_CHARACTERS = 10_000
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


def checked_label_selector(text: str | None) -> str:
    """The selector itself, empty for none.

    Raises:
        BadUserInput: it does not follow the grammar of label selectors.
    """
    for part in _parts("labelSelector", text):
        if not _is_requirement(part):
            raise BadUserInput(
                f"labelSelector: {part[:80]!r} is no requirement; "
                "write key=value, key!=value, key in (a,b), key notin (a,b), key or !key, with commas between."
            )
    return (text or "").strip(_SPACE)


def checked_field_selector(text: str | None) -> str:
    """The selector without spaces, which the API server would take for a part of the path; empty for none.

    Which fields a kind supports is the API server's to say.

    Raises:
        BadUserInput: it does not follow the grammar of field selectors.
    """
    requirements = []
    for part in _parts("fieldSelector", text):
        match = _FIELD.fullmatch(part)
        if match is None:
            raise BadUserInput(
                f"fieldSelector: {part[:80]!r} is no requirement; "
                "write path=value or path!=value, as status.phase=Running, with commas between."
            )
        requirements.append(f"{match[1]}{match[2]}{match[3].strip(_SPACE)}")
    return ",".join(requirements)


def cluster_labels(text: str) -> dict[str, str]:
    """The labels that `env=prod,region=eu` asks clusters for.

    Raises:
        BadUserInput: it is not a list of equalities.
    """
    wanted: dict[str, str] = {}
    for part in _parts("clusters.labels", text):
        match = _EQUALITY.fullmatch(part)
        if match is None or match[2] == "!=":
            raise BadUserInput(f"clusters.labels: {part[:80]!r} is no label; write key=value,key=value.")
        if wanted.setdefault(match[1], match[3]) != match[3]:
            raise BadUserInput(f"clusters.labels: {match[1]!r} is asked for with two values; no cluster has both.")
    return wanted


def _is_requirement(part: str) -> bool:
    chosen = _SET.fullmatch(part)
    if chosen is not None:
        return all(_SET_VALUE.fullmatch(value.strip(_SPACE)) for value in chosen[1].split(","))
    return any(form.fullmatch(part) for form in (_EQUALITY, _PRESENCE, _COMPARISON))


def _parts(argument: str, text: str | None) -> list[str]:
    """The requirements between the commas, without the spaces around them; commas in parentheses do not count."""
    if text is None or not text.strip(_SPACE):
        return []
    if len(text) > _LONGEST_CHARACTERS:
        raise BadUserInput(f"{argument}: {len(text)} characters; at most {_LONGEST_CHARACTERS} are read.")
    parts: list[list[str]] = []
    is_open = False
    for piece in text.split(","):
        if is_open:
            parts[-1].append(piece)
        else:
            parts.append([piece])
        is_open = piece.rfind("(") > piece.rfind(")") or (is_open and ")" not in piece)
    return [",".join(pieces).strip(_SPACE) for pieces in parts]
