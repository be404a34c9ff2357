"""Content security policies of the pages (Content Security Policy Level 3), and the caching of files.

GraphiQL's policy is beside its sources, in `web`.
"""

from typing import Final

_NOTHING_ELSE: Final = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

LANDING_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    f"require-trusted-types-for 'script'; trusted-types 'none'; {_NOTHING_ELSE}"
)
"""There is no policy for trusted types, so the browser refuses any markup made of a string."""

MANUAL_POLICY: Final = LANDING_POLICY
"""The manual's script searches and copies; it has the rights of the start page's."""

TEXT_PAGE_POLICY: Final = f"default-src 'none'; style-src 'self'; img-src 'self'; {_NOTHING_ELSE}"
"""The policy of pages without a script: errors."""

IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""The caching of files whose names hold a hash of the content (RFC 8246)."""

REVALIDATED: Final = "no-cache"
"""The caching of other files: they are used only after the ETag was compared."""
