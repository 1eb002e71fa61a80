import pytest
from fetch.conftest import answer, failure
from yarl import URL

from monitor.errors import FetchError
from monitor.fetch.redirects import next_address, same_site
from monitor.model import Validators


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [([301], True), ([308], True), ([301, 308, 301], True), ([302], False), ([301, 302], False), ([307, 301], False),
     ([303], False), ([301] * 5, True)],
)  # fmt: skip
async def test_moved_for_good_only_when_every_step_says_so(origin, fetcher, statuses, moved):
    for step, status in enumerate(statuses):
        origin.answers[f"/{step}"] = answer(status, body=b"gone on", location=f"/{step + 1}#part")
    end = f"/{len(statuses)}"
    origin.answers[end] = answer(body=b"here")
    page = await fetcher.get(origin.url("/0"))
    assert (page.url, page.final_url, page.body) == (origin.url("/0"), origin.url(end), b"here")
    assert page.moved_to == (origin.url(end) if moved else None)


async def test_unchanged_behind_a_redirect(origin, fetcher):
    origin.answers |= {"/": answer(301, location="/new"), "/new": answer(304)}
    page = await fetcher.get(origin.url(), validators=Validators(etag='"1"'))
    assert (page.unchanged, page.moved_to) == (True, origin.url("/new"))
    assert origin.asked[1].headers["if-none-match"] == '"1"'


async def test_six_redirects_are_too_many(origin, fetcher):
    origin.answers["/"] = answer(301, location="/")
    assert (await failure(fetcher, origin.url())).code == "fetch.redirects"
    assert len(origin.asked) == 6


async def test_an_error_behind_a_redirect(origin, fetcher):
    origin.answers |= {"/": answer(302, location="/new"), "/new": answer(410)}
    assert (await failure(fetcher, origin.url())).code == "fetch.gone"


async def test_headers_stay_with_the_host_that_was_asked(origin, other, fetcher):
    origin.answers |= {"/": answer(302, location="/in"), "/in": answer(302, location=other.url()), "/back": answer()}
    other.answers["/"] = answer(302, location=origin.url("/back"))
    await fetcher.get(origin.url(), headers=[("Authorization", "Bearer secret"), ("X-Key", "secret")])
    first, inside, back = (asked.headers for asked in origin.asked)
    assert (first["authorization"], inside["x-key"]) == ("Bearer secret", "secret")
    for headers in (other.asked[0].headers, back):
        assert not {"authorization", "x-key"} & headers.keys()
        assert headers["user-agent"] == first["user-agent"]


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("new", "/a/new"),
        ("?p=2", "/a/old?p=2"),
        (" /sp ace ", "/sp%20ace"),
        ("/ニュース", "/%E3%83%8B%E3%83%A5%E3%83%BC%E3%82%B9"),
        ("/\udc93\udcf1", "/%93%F1"),
        ("/%93%F1?a=%2F%3a", "/%93%F1?a=%2F%3a"),
    ],
)
async def test_locations(origin, fetcher, location, path):
    origin.answers |= {"/a/old": answer(301, location=location), path: answer(body=b"here")}
    page = await fetcher.get(origin.url("/a/old"))
    assert page.body == b"here"


@pytest.mark.parametrize(
    "location", ["javascript:alert(1)", "ftp://example.jp/", "http://", "http://[", "mailto:a@b.jp", "http://a:99999/"]
)
async def test_redirects_to_nowhere(origin, fetcher, location):
    origin.answers["/"] = answer(302, location=location)
    assert (await failure(fetcher, origin.url())).code == "fetch.redirect"


def test_from_https_to_http_is_not_followed():
    with pytest.raises(FetchError) as caught:
        next_address(URL("https://example.jp/"), "http://example.jp/")
    assert caught.value.code == "fetch.downgrade"
    assert "http://example.jp/" in caught.value.message("ja")
    assert next_address(URL("http://example.jp/"), "//example.com/") == URL("http://example.com/")


@pytest.mark.parametrize(
    ("there", "same"),
    [
        ("http://example.jp/b", True),
        ("https://example.jp/a", True),
        ("http://example.jp:8080/", False),
        ("https://example.jp:8443/", False),
        ("http://www.example.jp/", False),
        ("http://example.jp.evil.example/", False),
    ],
)
def test_same_site(there, same):
    assert same_site(URL("http://EXAMPLE.jp/a"), URL(there)) is same
