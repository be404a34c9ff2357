"""The DNS label of RFC 1123: the form of namespaces, plurals and API versions, of 1 to 63 characters."""

import re
from typing import Final

DNS_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
