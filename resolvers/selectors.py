"""Label and field selectors, checked by their grammar before anything is sent.

Source: the `labels` and `fields` packages of k8s.io/apimachinery.
"""

import re

from resolvers.errors import BadUserInput

_LONGEST_CHARACTERS = 10_000
_KEY = r"(?:[A-Za-z0-9](?:[-A-Za-z0-9.]{0,251}[A-Za-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_VALUE = r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"
_EQUALITY = re.compile(rf"\s*({_KEY})\s*(==|=|!=)\s*({_VALUE})\s*")
_SET = re.compile(rf"\s*{_KEY}\s+(?:in|notin)\s*\(\s*{_VALUE}(?:\s*,\s*{_VALUE})*\s*\)\s*")
_PRESENCE = re.compile(rf"\s*!?\s*{_KEY}\s*")
_COMPARISON = re.compile(rf"\s*{_KEY}\s*[<>]\s*-?\d{{1,19}}\s*")
_FIELD = re.compile(r"\s*[A-Za-z][A-Za-z0-9.]*\s*(?:==|=|!=)\s*[^,=!\\\x00-\x1f]*\s*")
_COMMA_OUTSIDE_PARENTHESES = re.compile(r",(?![^()]*\))")


def checked_label_selector(text: str | None) -> str:
    """The selector itself, empty for none.

    Raises:
        BadUserInput: it does not follow the grammar of label selectors.
    """
    for part in _parts("labelSelector", text):
        if not any(form.fullmatch(part) for form in (_EQUALITY, _SET, _PRESENCE, _COMPARISON)):
            raise BadUserInput(
                f"labelSelector: {part.strip()[:80]!r} is no requirement; "
                "write key=value, key!=value, key in (a,b), key notin (a,b), key or !key, with commas between."
            )
    return (text or "").strip()


def checked_field_selector(text: str | None) -> str:
    """The selector itself, empty for none; which fields a kind supports is the API server's to say.

    Raises:
        BadUserInput: it does not follow the grammar of field selectors.
    """
    for part in _parts("fieldSelector", text):
        if not _FIELD.fullmatch(part):
            raise BadUserInput(
                f"fieldSelector: {part.strip()[:80]!r} is no requirement; "
                "write path=value or path!=value, as status.phase=Running, with commas between."
            )
    return (text or "").strip()


def cluster_labels(text: str) -> dict[str, str]:
    """The labels that `env=prod,region=eu` asks clusters for.

    Raises:
        BadUserInput: it is not a list of equalities.
    """
    wanted: dict[str, str] = {}
    for part in _parts("clusters.labels", text):
        match = _EQUALITY.fullmatch(part)
        if match is None or match[2] == "!=":
            raise BadUserInput(f"clusters.labels: {part.strip()[:80]!r} is no label; write key=value,key=value.")
        wanted[match[1]] = match[3]
    return wanted


def _parts(argument: str, text: str | None) -> list[str]:
    if text is None or not text.strip():
        return []
    if len(text) > _LONGEST_CHARACTERS:
        raise BadUserInput(f"{argument}: {len(text)} characters; at most {_LONGEST_CHARACTERS} are read.")
    return _COMMA_OUTSIDE_PARENTHESES.split(text)
