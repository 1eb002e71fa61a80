"""Source + Page -> Listing: one file per kind of source, loaded when it is first needed; the file name is the kind. Pure."""

import pkgutil

from monitor.errors import ParseError
from monitor.model import Listing, Page, Source


def read_listing(source: Source, page: Page) -> Listing:
    """Read a page as the kind of listing its source is configured to be.

    Raises ParseError when the page is something else, and for a kind that this version does not have.
    """
    module = f"{__name__}.{source.kind}"
    try:
        read = pkgutil.resolve_name(f"{module}:read_listing")
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise ParseError("sources.not-in-version", source=source.name, kind=source.kind) from None
    listing: Listing = read(source, page)
    return listing
