"""Foreign bytes + Content-Type -> text of a feed. Pure."""

import re

from monitor.text.encodings import decode_bytes
from monitor.text.labels import labels_over_http

_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)


def decode(body: bytes, content_type: str | None) -> str:
    """The text of a document, whatever it is said to be; never fails."""
    return decode_bytes(body, declared(body, content_type))


def declared(body: bytes, content_type: str | None) -> list[str]:
    """The labels of the encodings a document is said to have: HTTP wins over XML (RFC 7303 section 3)."""
    in_xml = _XML_ENCODING.search(body[:1024])
    return labels_over_http(content_type) + ([in_xml[1].decode("ascii")] if in_xml else [])
