"""What each kind of page may load (Content Security Policy Level 3), and for how long answers are kept.

GraphiQL's policy stands beside its sources, in `web`.
"""

from typing import Final

_NOTHING_ELSE: Final = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

LANDING_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    f"require-trusted-types-for 'script'; trusted-types 'none'; {_NOTHING_ELSE}"
)
"""No policy for trusted types exists, so whatever would make markup of a string is refused by the browser."""

TEXT_PAGE_POLICY: Final = f"default-src 'none'; style-src 'self'; img-src 'self'; {_NOTHING_ELSE}"
"""Pages without a script: the manual, errors."""

KEPT_FOR_EVER: Final = "public, max-age=31536000, immutable"
"""For names that hold a hash of the content (RFC 8246)."""

ASKED_FOR_EACH_TIME: Final = "no-cache"
"""Kept, but used only after the ETag was compared."""
