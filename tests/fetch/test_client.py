import asyncio
import gzip
import shutil
import ssl
import subprocess
import zlib
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from fetch.conftest import answer, failure, make_fetcher, origin_at

from monitor.model import Validators

MODIFIED = "Sun, 22 Nov 2026 23:00:00 GMT"


@pytest.fixture
def self_signed(tmp_path):
    openssl = shutil.which("openssl") or pytest.skip("openssl is not here")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=127.0.0.1"]
    subprocess.run([openssl, "req", *kind, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


async def test_a_page(origin, fetcher):
    origin.answers["/feed.xml"] = answer(
        body="<rss>二次関税</rss>".encode(),
        content_type="application/rss+xml; charset=utf-8",
        etag='W/"1"',
        last_modified=MODIFIED,
        cache_control="public, max-age=600",
    )
    page = await fetcher.get(origin.url("/feed.xml"))
    assert page.url == page.final_url == origin.url("/feed.xml")
    assert (page.status, page.moved_to, page.retry_after, page.unchanged) == (200, None, None, False)
    assert page.body == "<rss>二次関税</rss>".encode()
    assert page.content_type == "application/rss+xml; charset=utf-8"
    assert page.validators == Validators(etag='W/"1"', last_modified=MODIFIED)
    assert page.max_age == timedelta(minutes=10)
    assert page.fetched_at == datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


async def test_what_is_sent(origin, fetcher):
    origin.answers["/"] = answer(set_cookie="a=1")
    await fetcher.get(origin.url(), headers=[("X-Key", "k"), ("Accept-Language", "ja")])
    await fetcher.get(origin.url())
    first, second = (asked.headers for asked in origin.asked)
    assert first["user-agent"] == "monitor/0.1.0 (+mailto:desk@example.jp)"
    assert first["accept-encoding"] == "gzip, deflate, br"
    assert (first["x-key"], first["accept-language"]) == ("k", "ja")
    assert "x-key" not in second
    assert "cookie" not in second
    assert origin.connections == 1


async def test_a_source_may_name_its_own_agent(origin, fetcher):
    origin.answers["/"] = answer()
    await fetcher.get(origin.url(), headers=[("user-agent", "reader/1")])
    assert origin.asked[0].headers["user-agent"] == "reader/1"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
async def test_compressed_bodies(origin, fetcher, encoding):
    body = b"news " * 10_000
    packed = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}[encoding](body)
    origin.answers["/"] = answer(body=packed, content_encoding=encoding)
    assert (await fetcher.get(origin.url())).body == body


class TestConditional:
    async def test_unchanged(self, origin, fetcher):
        origin.answers["/"] = answer(304, cache_control="max-age=60", retry_after="120")
        sent = Validators(etag='"1"', last_modified=MODIFIED)
        page = await fetcher.get(origin.url(), validators=sent)
        assert page.unchanged
        assert (page.body, page.validators) == (b"", sent)
        assert (page.max_age, page.retry_after) == (timedelta(minutes=1), timedelta(minutes=2))
        headers = origin.asked[0].headers
        assert (headers["if-none-match"], headers["if-modified-since"]) == ('"1"', MODIFIED)

    async def test_unchanged_with_new_validators(self, origin, fetcher):
        origin.answers["/"] = answer(304, etag='"2"')
        page = await fetcher.get(origin.url(), validators=Validators(etag='"1"'))
        assert page.validators == Validators(etag='"2"')
        assert "if-modified-since" not in origin.asked[0].headers

    async def test_changed_without_validators(self, origin, fetcher):
        origin.answers["/"] = answer(body=b"x")
        page = await fetcher.get(origin.url(), validators=Validators(etag='"1"'))
        assert (page.status, page.validators) == (200, Validators())

    async def test_unchanged_though_not_asked(self, origin, fetcher):
        origin.answers["/"] = answer(304)
        error = await failure(fetcher, origin.url(), validators=Validators())
        assert (error.code, error.status) == ("fetch.status", 304)

    async def test_validators_that_cannot_be_sent_back_are_not_kept(self, origin, fetcher):
        origin.answers["/"] = answer(etag='"\udcff"', content_type="text/html; x=\udcff", last_modified="x" * 2000)
        page = await fetcher.get(origin.url())
        assert (page.validators, page.content_type) == (Validators(), "text/html; x=")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (204, "fetch.status"),
        (300, "fetch.status"),
        (302, "fetch.status"),
        (400, "fetch.status"),
        (401, "fetch.closed"),
        (402, "fetch.closed"),
        (403, "fetch.closed"),
        (404, "fetch.not-found"),
        (407, "fetch.proxy"),
        (410, "fetch.gone"),
        (429, "fetch.busy"),
        (451, "fetch.closed"),
        (500, "fetch.server"),
        (503, "fetch.busy"),
        (599, "fetch.server"),
        (999, "fetch.server"),
    ],
)
async def test_statuses(origin, fetcher, status, code):
    origin.answers["/"] = answer(status, body=b"" if status == 204 else b"no")
    error = await failure(fetcher, origin.url())
    assert (error.code, error.status, error.retry_after, error.temporary) == (code, status, None, True)


@pytest.mark.fault(60)
@pytest.mark.parametrize("wish", ["120", "Sun, 22 Nov 2026 23:32:00 GMT"])
@pytest.mark.parametrize("status", [429, 503, 403])
async def test_the_site_says_when_to_come_back(origin, fetcher, status, wish):
    origin.answers["/"] = answer(status, retry_after=wish)
    assert (await failure(fetcher, origin.url())).retry_after == timedelta(minutes=2)


@pytest.mark.fault(57)
class TestLimits:
    @pytest.mark.parametrize("pack", [gzip.compress, brotli.compress])
    async def test_bomb(self, origin, fetcher, pack):
        encoding = "br" if pack is brotli.compress else "gzip"
        origin.answers["/"] = answer(body=pack(bytes(20_000_000)), content_encoding=encoding)
        error = await failure(fetcher, origin.url(), max_bytes=100_000)
        assert (error.code, error.status) == ("fetch.too-large", 200)
        await asyncio.wait_for(origin.ended.wait(), 5)

    async def test_endless_body(self, origin, fetcher):
        async def endless(_, writer):
            writer.write(answer(transfer_encoding="chunked"))
            while True:
                writer.write(b"1000\r\n" + bytes(0x1000) + b"\r\n")
                await writer.drain()

        origin.answers["/"] = endless
        assert (await failure(fetcher, origin.url(), max_bytes=100_000)).code == "fetch.too-large"
        await asyncio.wait_for(origin.ended.wait(), 5)

    async def test_a_gigabyte_is_refused_before_it_is_read(self, origin, fetcher):
        origin.answers["/"] = answer(content_length=str(2**30))
        assert (await failure(fetcher, origin.url())).code == "fetch.too-large"

    async def test_exactly_the_limit(self, origin, fetcher):
        origin.answers["/"] = answer(body=bytes(1000))
        assert len((await fetcher.get(origin.url(), max_bytes=1000)).body) == 1000
        assert (await failure(fetcher, origin.url(), max_bytes=999)).code == "fetch.too-large"

    @pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nx: ", answer(content_length="1000")], ids=["head", "body"])
    async def test_drip(self, origin, head):
        async def drip(_, writer):
            writer.write(head)
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)

        origin.answers["/"] = drip
        async with make_fetcher(timeout=timedelta(milliseconds=150)) as fetcher:
            error = await failure(fetcher, origin.url())
        assert (error.code, error.facts["seconds"]) == ("fetch.timeout", "0.15")

    async def test_redirects_share_one_time_out(self, origin):
        async def slow(_, writer):
            await asyncio.sleep(0.1)
            writer.write(answer(302, location="/"))

        origin.answers["/"] = slow
        async with make_fetcher(timeout=timedelta(milliseconds=250)) as fetcher:
            assert (await failure(fetcher, origin.url())).code == "fetch.timeout"
        assert len(origin.asked) <= 3

    async def test_a_large_header_of_a_news_site(self, origin, fetcher):
        origin.answers["/"] = answer(content_security_policy="x" * 30_000, body=b"x")
        assert (await fetcher.get(origin.url())).body == b"x"
        origin.answers["/"] = answer(content_security_policy="x" * 300_000)
        assert (await failure(fetcher, origin.url())).code == "fetch.broken"


class TestBroken:
    @pytest.mark.parametrize(
        "sent",
        [
            b"",
            b"\xff\xfe\x00garbage\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
            answer(content_length="100", body=b"half"),
            answer(transfer_encoding="chunked", body=b"4\r\nhalf\r\n"),
            answer(transfer_encoding="chunked", body=b"zz\r\n"),
            answer(body=b"no gzip at all", content_encoding="gzip"),
            answer(body=b"no brotli at all", content_encoding="br"),
        ],
    )
    async def test_damaged_answers(self, origin, fetcher, sent):
        async def cut(_, writer):
            writer.write(sent)
            writer.close()

        origin.answers["/"] = cut
        assert (await failure(fetcher, origin.url())).code == "fetch.broken"

    async def test_nobody_listens(self, fetcher, unused_tcp_port):
        assert (await failure(fetcher, f"http://127.0.0.1:{unused_tcp_port}/")).code == "fetch.refused"

    async def test_no_such_host(self, fetcher):
        assert (await failure(fetcher, "http://nowhere.invalid/")).code == "fetch.dns"

    async def test_no_tls(self, fetcher):
        async def plain(_, writer):
            writer.write(answer(400))
            writer.close()
            await writer.wait_closed()

        async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            assert (await failure(fetcher, f"https://127.0.0.1:{port}/")).code == "fetch.tls"

    async def test_a_certificate_that_nobody_signed(self, fetcher, self_signed):
        async with origin_at(host="127.0.0.1", port=0, ssl=self_signed) as origin:
            error = await failure(fetcher, origin.url().replace("http:", "https:"))
        assert (error.code, origin.asked) == ("fetch.tls", [])

    async def test_a_request_that_cannot_be_sent(self, origin, fetcher):
        assert (await failure(fetcher, origin.url(), headers=[("X-Key", "secret\r\nX: y")])).code == "fetch.headers"
        assert origin.asked == []

    @pytest.mark.parametrize(
        "url",
        [
            "", "news", "ftp://example.jp/", "file:///etc/passwd", "javascript:alert(1)", "http://", "http:///a",
            "http://[::1", "http://a:99999/", "http://exa mple.jp/", "//example.jp/", "http://\ud800/",
            "http+unix://x/", "http://example.jp/" + "x" * 9000, f"http://{'a' * 64}.jp/", "http://a..jp/",
            "http://xn--a/", "http://[]@", "http://[fe80::1%25eth0]@", "http://。/",
            "ftp://user:secret@example.jp/",
        ],
    )  # fmt: skip
    async def test_no_web_address(self, fetcher, url):
        assert (await failure(fetcher, url)).code in {"fetch.address", "fetch.dns"}

    async def test_a_password_in_the_address_is_used_but_not_told(self, origin, fetcher):
        origin.answers |= {"/": answer(), "/no": answer(403)}
        url = origin.url(host="me:secret@127.0.0.1")
        assert (await fetcher.get(url)).final_url == origin.url()
        assert origin.asked[0].headers["authorization"] == "Basic bWU6c2VjcmV0"
        assert (await failure(fetcher, f"{url}no")).facts["url"] == origin.url("/no")

    async def test_not_open(self):
        with pytest.raises(RuntimeError):
            await make_fetcher().get("http://127.0.0.1/")


class TestCancelling:
    async def test_in_the_middle_of_a_body(self, origin, fetcher):
        under_way = asyncio.Event()

        async def half(_, writer):
            writer.write(answer(content_length="100", body=b"half"))
            await writer.drain()
            under_way.set()

        origin.answers["/"] = half
        task = asyncio.create_task(fetcher.get(origin.url()))
        await under_way.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(origin.ended.wait(), 5)
        origin.answers["/"] = answer()
        assert (await fetcher.get(origin.url())).status == 200


class TestProxy:
    async def test_the_proxy_is_asked_instead(self, origin):
        origin.answers["http://news.invalid/feed"] = answer(body=b"by proxy")
        async with make_fetcher(private=(), proxy=origin.url()) as fetcher:
            assert (await fetcher.get("http://news.invalid/feed")).body == b"by proxy"

    async def test_a_proxy_that_refuses(self, origin):
        origin.answers |= {"http://news.invalid/": answer(407), "news.invalid:443": answer(403)}
        proxy = origin.url(host="me:secret@127.0.0.1")
        async with make_fetcher(private=(), proxy=proxy) as fetcher:
            assert (await failure(fetcher, "http://news.invalid/")).code == "fetch.proxy"
            assert (await failure(fetcher, "https://news.invalid/")).code == "fetch.proxy"

    async def test_a_proxy_that_is_down(self, unused_tcp_port):
        async with make_fetcher(proxy=f"http://127.0.0.1:{unused_tcp_port}") as fetcher:
            assert (await failure(fetcher, "http://news.invalid/")).code == "fetch.proxy"


async def test_the_environment_names_no_proxy(origin, fetcher, monkeypatch, unused_tcp_port):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_tcp_port}")
    origin.answers["/"] = answer(body=b"direct")
    assert (await fetcher.get(origin.url())).body == b"direct"
