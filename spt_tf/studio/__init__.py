"""The studio: a page on the loopback on which a person is posed, painted, dressed and animated by hand."""

from __future__ import annotations
