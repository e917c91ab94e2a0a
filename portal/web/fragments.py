"""Parts of a page that ask for themselves anew (`<poll-fragment>`): the same view answers with the whole page or the part."""

import hashlib

from flask import Response, make_response, render_template, request


def page_or_part(whole: str, part: str, name: str, **values: object) -> Response:
    """Return a page, or, when its part of that name asks for itself, that part alone; 304 when it is as it was."""
    asked = request.headers.get("X-Fragment") == name
    response = make_response(render_template(part if asked else whole, **values))
    response.headers.add("Vary", "X-Fragment")
    if asked:
        response.headers["X-Fragment"] = name
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:20])
        response.make_conditional(request)
    return response
