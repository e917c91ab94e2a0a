"""One running site: its settings, database, files and index, opened once a process."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from portal.catalog import index_home, prepare_index
from portal.db.blobs import BlobStore
from portal.db.engine import make_engine, make_owner_engine, role_is_powerless
from portal.db.upgrade import upgrade
from portal.services.errors import StorageFull
from portal.settings import Settings, WrongSetting
from search_index.engine import Home


@dataclass(frozen=True)
class Site:
    """What every service needs of the place it runs in."""

    settings: Settings
    engine: Engine
    blobs: BlobStore

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the site, bringing its tables to the newest form first.

        Raises WrongSetting when the PostgreSQL role could step over row security.
        """
        owner = make_owner_engine(settings)
        upgrade(owner, settings)
        prepare_index(owner, settings)
        owner.dispose()
        engine = make_engine(settings)
        if not role_is_powerless(engine):
            raise WrongSetting(
                "PORTAL_DATABASE_ROLE の役割は行の保護を越えられます。SUPERUSER と BYPASSRLS のない役割にしてください。"
            )
        event.listen(engine, "handle_error", _say_that_the_disk_is_full)
        return cls(settings, engine, BlobStore(settings.blob_folder))

    @cached_property
    def secret_key(self) -> str:
        """The site's secret."""
        return self.settings.secret_key()

    @cached_property
    def index_home(self) -> Home:
        """Where the search index lives."""
        return index_home(self.settings, self.engine)


def _say_that_the_disk_is_full(context: ExceptionContext) -> StorageFull | None:
    """Let a statement or commit that found no room raise StorageFull, wherever in a service it stands."""
    signs = ("disk is full", "disk I/O error", "No space left")
    return StorageFull() if any(sign in str(context.original_exception) for sign in signs) else None
