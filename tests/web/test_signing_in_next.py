"""Where a person lands afterwards: only ever a page of this site."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.app import create_app
from portal.web.redirects import safe_next
from tests.support.browsing import Visitor
from tests.support.office import Office

HERE = "http://portal.test"
FOREIGN = [
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/\n/evil.example", "\t//evil.example", " //evil.example", "http:evil.example", "javascript:alert(1)", "data:text/html,x",
    "evil.example", "@evil.example", "/\r\nSet-Cookie: a=b", "\x00//evil.example", "/\x0b/evil.example", "/ /evil.example",
    "/\u2028/evil", "//[::1", "///", "", "?next=//evil", "#x", "/" + "a" * 3000, "/sign-out", "/sign-in?next=/sign-in",
    "/api/v1/me", "/\u3000/evil.example", "/\u00a0/evil.example", "/\x85/evil.example",
]  # fmt: skip


def where_a_browser_goes(address: str) -> str:
    """Return the host a browser reaches: it drops tabs and line breaks and reads backslashes as slashes."""
    cleaned = address.strip("".join(map(chr, range(33)))).translate({9: None, 10: None, 13: None}).replace("\\", "/")
    try:
        return urlsplit(urljoin(f"{HERE}/sign-in", cleaned)).netloc
    except ValueError:
        return "nowhere"


@pytest.mark.parametrize("address", FOREIGN)
def test_an_address_that_could_leave_the_site_leads_home(address: str) -> None:
    assert safe_next(address) == "/"


@pytest.mark.parametrize(
    "address",
    ["/", "/account", "/documents/12?from=1&to=2#v2", "/search?q=退院支援", "/higashinari/?year=2026", "/a//b"],
)
def test_a_page_of_this_site_stays(address: str) -> None:
    assert safe_next(address) == address


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["/", "\\", "//", "\t", "\n", "\r", " ", ":", "@", "?", "#", "evil.example", "http:", "[", "]", "%2f", "..", ";"]),
            st.characters(),
        ),
        max_size=12,
    ).map("".join)
)  # fmt: skip
def test_no_text_whatever_leaves_the_site(address: str) -> None:
    for start in ("", "/", "//", "/\\"):
        assert where_a_browser_goes(safe_next(start + address)) == urlsplit(HERE).netloc


def test_the_sign_in_page_itself_never_leads_away(sqlite_office: Office) -> None:
    tanaka = sqlite_office.person("higashinari", "coordinator")
    app = create_app(sqlite_office.site)
    for wanted in FOREIGN[:12]:
        entered = Visitor(app).sign_in(sqlite_office.logins[tanaka.account_id], next=wanted)
        assert (entered.status, entered.location) == (303, "/")
