"""Names for clusters, derived from the names of contexts."""

import hashlib
import re
import unicodedata
from typing import Final

MAX_LABEL_CHARACTERS: Final = 63
"""The length of a DNS label (RFC 1123)."""

_DIGEST_CHARACTERS: Final = 8


class ClusterNameInvalid(Exception):
    """A name without any character for a DNS label."""


def dns_label(context_name: str) -> str:
    """Returns a context's name as a DNS label, such as `arn-aws-eks-...-prod` for `arn:aws:eks:...:cluster/prod`.

    A name that is too long is cut and ends in a digest of the whole, because long names differ at their ends.

    Raises:
        ClusterNameInvalid: The name has no letter or digit.
    """
    decomposed = unicodedata.normalize("NFKD", context_name)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    label = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if not label:
        raise ClusterNameInvalid("the context's name has no letter or digit for a cluster name; give one with --name")
    return label if len(label) <= MAX_LABEL_CHARACTERS else _shortened(label, context_name)


def _shortened(label: str, whole: str) -> str:
    digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{label[: MAX_LABEL_CHARACTERS - _DIGEST_CHARACTERS - 1].rstrip('-')}-{digest}"
