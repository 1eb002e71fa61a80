"""Address -> canonical address, key of an article, host, slug. Pure; none of it raises, whatever the text.

A parameter that is dropped wrongly makes two articles one, and the second is never told. So only what is known to be
tracking is dropped, by its whole name, and everything else is left in its place and spelling. (courlan drops by parts of
names, `cid=`, `uid=`, `source=`, `game=` among them, and re-reads every query as UTF-8, which makes all addresses with
Shift_JIS or EUC-JP escapes alike; hence our own list.)
"""

import re
import unicodedata
from hashlib import sha256
from urllib.parse import SplitResult, quote, urlsplit

from monitor.model import Source

_EDGES = "".join(map(chr, range(0x21))) + "\x7f\x85\xa0\u200b\u3000\ufeff"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_USER = re.compile(r"^(\s*[a-z]+://)[^/?#]*@", re.IGNORECASE)
_NOT_IN_HOSTS = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}%\ud800-\udfff]")
_KEPT = "%/:?#[]@!$&'()*+,;=-._~|"
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
#: Feeds that escape twice write "&amp;" where they mean "&".
_AMPERSAND = re.compile(r"&(?:amp;)*")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)

_TRACKING_PREFIXES = ("utm_", "mtm_", "itm_", "hsa_", "piwik_", "matomo_")
_TRACKING_NAMES = (
    # who clicked: advertising networks and mailings
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid twclid ttclid yclid ysclid igshid igsh li_fat_id rdt_cid epik "
    "mc_cid mc_eid mkt_tok _hsenc _hsmi hsctatracking __hstc __hssc __hsfp oly_enc_id oly_anon_id vero_id vero_conv "
    "wickedid _openstat s_kwcid ef_id _ga _gl _ke "
    # where they clicked: AT Internet (bbc.com, france24.com), comScore, Matomo, Adobe, Webtrends and houses' own
    "at_medium at_campaign at_campaign_type at_format at_ptr_name at_link_id at_link_type at_link_origin at_bbc_team "
    "at_custom1 at_custom2 at_custom3 at_custom4 at_creation at_variant at_channel xtor "
    "ns_mchannel ns_source ns_campaign ns_linkname ns_fee pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content "
    "ga_source ga_medium ga_term ga_content ga_campaign ga_place s_cid cmpid intcmp wt_mc wt.mc_id wt.mc_ev wt.tsrc "
    "n_cid iref spref sr_share ftag ftcamp guccounter guce_referrer guce_referrer_sig soc_src soc_trk "
    "fb_ref fb_source fb_action_ids fb_action_types ref_src ref_url __twitter_impression "
    "cx_part cx_position cx_testid cx_testvariant cx_artpos cx_navsource "
    # sessions
    "jsessionid phpsessid"
)
_TRACKING = frozenset(_TRACKING_NAMES.split())
#: Parameters that carry identity elsewhere, but not when they only say "came from the feed".
_FROM_FEED = frozenset(["ref", "from", "source", "src", "partner", "emc", "cmp", "mod", "via", "referrer", "feedtype"])
_FEED_VALUE = re.compile(r"(?:rss|atom)(?:[\W_\d].*)?", re.IGNORECASE | re.DOTALL)
#: Places on every page of a kind; any other fragment may be what tells two notices on one page apart.
_PLACES = re.compile(r"(?:|top|main|content|comments?|respond|disqus_thread|rss|:~:.*)", re.IGNORECASE | re.DOTALL)


def canonical_url(url: str) -> str:
    """The same address without tracking, session, default port and fragment (routes `#!…` and `#/…` stay).

    Escapes and host are spelt in one way; the order of parameters stays. What is no web address comes back trimmed.
    """
    parts = _web_parts(url)
    return url.strip(_EDGES) if parts is None else _canonical(parts)


def article_key(url: str | None, *, source_id: str, guid: str | None, title: str) -> str:
    """16 hex digits of what identifies an article: its address, else its guid, else its title within its source.

    The address counts without its scheme and with its parameters in order, so whichever feeds carry it, it is one.
    Here a fragment counts unless it is tracking or a place on every page: notices often share a page and differ by it alone.
    """
    parts = _web_parts(url or "")
    if parts is not None:
        identity = _identity(parts)
    elif guid and guid.strip():
        identity = f"guid\0{source_id}\0{guid.strip()}"
    else:
        identity = f"title\0{source_id}\0{' '.join(title.split())}"
    return sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def host_of(url: str) -> str:
    """The host in lower case, without port, non-ASCII names as punycode; "" where there is none."""
    parts = _web_parts(url)
    return "" if parts is None else _host(parts)


def without_user(url: str) -> str:
    """The address as others may see it: without user and password, and otherwise as it is written."""
    return _USER.sub(r"\1", url)


def is_web_url(url: str) -> bool:
    """Whether it is an absolute http or https address with a host."""
    return _web_parts(url) is not None


def slug(text: str) -> str:
    """An id made of a name or address: letters and digits of every script, in lower case, the rest as single hyphens.

    A name without any letter or digit gets the first eight hex digits of its sha256.
    """
    plain = unicodedata.normalize("NFKC", re.sub(r"^\s*https?://", "", text, flags=re.IGNORECASE)).lower()
    # Vowel signs and tones (category M) belong to their letters.
    kept = "".join(char if char.isalnum() or unicodedata.category(char)[0] == "M" else "-" for char in plain)
    made = re.sub(r"-{2,}", "-", kept).strip("-")
    return made or sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _web_parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip(_EDGES))
        usable = parts.scheme in _DEFAULT_PORTS and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable and not _NOT_IN_HOSTS.search(parts.netloc.rpartition("@")[2]) else None


def _canonical(parts: SplitResult) -> str:
    query = "&".join(_parameters(_spelt(parts.query)))
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return (
        f"{parts.scheme}://{_netloc(parts)}{_path(parts)}"
        f"{'?' if query else ''}{query}{'#' if fragment else ''}{_spelt(fragment)}"
    )


def _identity(parts: SplitResult) -> str:
    query = "&".join(sorted(_parameters(_spelt(parts.query)), key=_name))
    return f"{_netloc(parts)}{_path(parts)}?{query}#{_anchor(_spelt(parts.fragment))}"


def _anchor(fragment: str) -> str:
    # "#rss", "#ref=rss" and "#xtor=RSS-1" are put there by feeds.
    return "" if _PLACES.fullmatch(fragment) else "&".join(_parameters(fragment))


def _parameters(query: str) -> list[str]:
    return [part for part in _AMPERSAND.split(query) if part and not _is_tracking(part)]


def _is_tracking(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name = name.lower()
    return (
        name in _TRACKING
        or name.startswith(_TRACKING_PREFIXES)
        or (name in _FROM_FEED and _FEED_VALUE.fullmatch(value) is not None)
    )


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _netloc(parts: SplitResult) -> str:
    user, at, _ = parts.netloc.rpartition("@")
    host = _host(parts)
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{user}{at}{f'[{host}]' if ':' in host else host}{port}"


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _path(parts: SplitResult) -> str:
    return _SESSION_IN_PATH.sub("", _spelt(parts.path)) or "/"


def _spelt(part: str) -> str:
    """Non-ASCII characters escaped as UTF-8, escapes in capitals, needless escapes undone (RFC 3986 section 6.2.2)."""
    return _ESCAPE.sub(_spelt_escape, quote(part, safe=_KEPT, errors="surrogatepass"))


def _spelt_escape(found: re.Match[str]) -> str:
    if found[1] is None:  # a bare per cent sign
        return "%25"
    char = chr(int(found[1], 16))
    return char if _UNRESERVED.fullmatch(char) else found[0].upper()


def headers_for(source: Source, url: str) -> tuple[tuple[str, str], ...]:
    """A source's own headers (they may hold a key) are for its own host only."""
    return source.headers if source.headers and host_of(url) == host_of(source.url) else ()
