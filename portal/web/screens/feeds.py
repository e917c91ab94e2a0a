"""Atom feeds of saved searches, for readers that cannot sign in: the token in the address reads this one search and no more."""

import time
from collections import deque
from threading import Lock

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from portal.services import saved_searches
from portal.services.errors import NotFound
from portal.services.signing_in import TooManyTries
from portal.web.guard import Needs, needs, the_site

bp = Blueprint("feeds", __name__, url_prefix="/feeds")
A_MINUTE, MOST_A_MINUTE = 60.0, 60
"""How often one address may ask in a process, right token or wrong."""
MOST_ADDRESSES = 10_000


class _Pace:
    """Counts who asks how often, for as long as it matters."""

    def __init__(self) -> None:
        self.asked: dict[str, deque[float]] = {}
        self.lock = Lock()

    def check(self, who: str) -> None:
        """Note one more request. Raises TooManyTries with the seconds to wait."""
        present = time.monotonic()
        with self.lock:
            if len(self.asked) > MOST_ADDRESSES:
                self.asked.clear()
            times = self.asked.setdefault(who, deque(maxlen=MOST_A_MINUTE))
            if len(times) == MOST_A_MINUTE and present - times[0] < A_MINUTE:
                raise TooManyTries(int(A_MINUTE - (present - times[0])) + 1)
            times.append(present)


KEPT = "portal_feed_pace"


@bp.get("/<token>.atom")
@needs(Needs.NOBODY)
def show(token: str) -> ResponseReturnValue:
    """Show the newest documents a saved search finds for its owner: title, ward, date and link, nothing else."""
    current_app.extensions.setdefault(KEPT, _Pace()).check(request.remote_addr or "")
    if not token.isascii() or len(token) > 100:
        raise NotFound
    feed = saved_searches.read_feed(the_site(), token)
    response = Response(mimetype="application/atom+xml")
    response.set_etag(feed.mark, weak=True)
    response.cache_control.private, response.cache_control.max_age = True, 300
    response.headers["X-Robots-Tag"] = "noindex"
    if request.if_none_match.contains_weak(feed.mark):
        response.status_code = 304
        return response
    newest = max((one.updated_at for one in feed.documents), default=feed.search.created_at)
    response.set_data(render_template("feed.atom", feed=feed, newest=newest, root=request.url_root.rstrip("/")))
    return response
