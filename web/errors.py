"""Errors of the build of the browser's files; every message has the cause and the way out.

WebError
├── NodeUnavailable     there is no usable Node, and none could be installed
├── NpmFailed           npm, or a program that it installed, failed or timed out
└── SourcesMissing      this installation has no sources to build from
"""


class WebError(Exception):
    """The build failed; the message is for a person."""


class NodeUnavailable(WebError):
    """There is no Node with npm, and it could not be installed."""


class NpmFailed(WebError):
    """A program of Node failed or timed out."""


class SourcesMissing(WebError):
    """The folder with the sources is missing: this is an installed wheel."""
