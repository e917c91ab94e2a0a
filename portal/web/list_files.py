"""Any list of a screen or of the API as a file: `?format=xlsx` or `csv` behind the list's own address, same rows, same rights."""

from collections.abc import Iterable

from flask import Response, request

from portal.services import spreadsheets
from portal.services.errors import Refused
from portal.services.spreadsheets import FORMATS, Listing
from portal.services.uow import UnitOfWork
from portal.web.guard import the_session, the_site
from portal.web.headers import hand_out
from portal.web.narrowing import Chip, with_
from portal.words import t


class NoSuchFormat(Refused):
    """The list was asked for in a form there is none of."""

    def __init__(self) -> None:
        super().__init__("一覧はExcel（xlsx）かCSV（csv）で保存できます。")


def wanted_format() -> str:
    """Return the form the list was asked for: xlsx, csv, or nothing for the page itself. Raises NoSuchFormat."""
    wanted = request.args.get("format", "")
    if wanted not in ("", "json", *FORMATS):
        raise NoSuchFormat
    return "" if wanted == "json" else wanted


def save_addresses() -> list[tuple[str, str]]:
    """Return for each form what its link says, and the address of this list in it."""
    return [(t("Excelで保存"), with_("format", "xlsx")), (t("CSVで保存"), with_("format", "csv"))]


def as_file(listing: Listing, form: str) -> Response:
    """Return a list as a file to be saved, and note in the audit trail that it was handed out."""
    content = spreadsheets.write(listing, form)
    if request.method != "HEAD":
        _note(listing, form)
    response = Response(content, mimetype=FORMATS[form].partition(";")[0])
    response.headers["X-Total-Count"] = str(listing.total)
    return hand_out(response, listing.file_name(form))


def _note(listing: Listing, form: str) -> None:
    """Write the audit row in a unit of work of its own: the list itself is only read, and reading holds nobody up."""
    session = the_session()
    with UnitOfWork(the_site(), session.identity, name=session.name) as own:
        count = min(listing.total, spreadsheets.MOST)
        own.audit("list.exported", list=listing.name, format=form, count=count, channel=session.channel)
        own.commit()


def conditions(chips: Iterable[Chip], **more: str) -> list[tuple[str, str]]:
    """Return the conditions of a list as they are written above it."""
    used = "、".join(chip.label for chip in chips)
    return [*((label, words) for label, words in more.items() if words), *([("条件", used)] if used else [])]
