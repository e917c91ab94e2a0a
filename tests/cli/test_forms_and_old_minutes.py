"""Old minutes and forms from a terminal: into the queue, never past the person who checks them."""

from pathlib import Path

from sqlalchemy import select

from portal import word
from portal.db.session import ReaderSession
from portal.models import Document, ImportItem, WordTemplate
from portal.security.identity import SystemIdentity
from portal.services.site import Site
from portal.settings import Settings
from tests.cli.conftest import Terminal
from tests.services.test_old_minutes_come_in import MINUTES
from tests.services.test_word_templates import changed, our_form


def rows(terminal: Terminal, model: type) -> list:
    site = Site.open(Settings(data=terminal.data))
    with ReaderSession(site.engine, SystemIdentity()) as session:
        return list(session.scalars(select(model).order_by(model.id)))


def test_a_folder_of_old_minutes_waits_for_a_person(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "平成の会議録"
    (folder / "2019").mkdir(parents=True)
    (folder / "2019" / "病院連絡会.txt").write_text(MINUTES, encoding="utf-8")
    (folder / "壊れ.docx").write_bytes(b"PK nothing")
    assert terminal.run("import", str(folder), "--ward", "higashinari") == 0
    assert "確認待ち 1件" in terminal.out
    assert "取り込まない 1件" in terminal.out
    assert "壊れ.docx" in terminal.err
    assert rows(terminal, Document) == []
    (folder / "第4回.txt").write_text(MINUTES.replace("第3回", "第4回"), encoding="utf-8")
    assert terminal.run("import", str(folder), "--ward", "higashinari") == 0
    assert "確認待ち 2件" in terminal.out
    assert len({one.batch_id for one in rows(terminal, ImportItem)}) == 1, "an import run again goes on"
    assert {one.ward_id for one in rows(terminal, ImportItem)} == {"higashinari"}


def test_forms_are_listed_and_a_template_is_tried_before_it_is_put_in_force(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.run("forms", "list") == 0
    assert "業務従事者届（様式1）" in terminal.out
    good, bad = tmp_path / "よい.docx", tmp_path / "印の違う.docx"
    good.write_bytes(our_form())
    bad.write_bytes(changed(word.shipped_file("form7"), document=("《場所》", "《ばしょ》")))
    assert terminal.run("forms", "check", str(bad)) == 1
    assert "《ばしょ》" in terminal.err
    assert terminal.run("forms", "check", str(good)) == 0
    assert terminal.run("forms", "check", str(tmp_path / "ない.docx")) == 1
    terminal.run("account", "add", "kenko", "--name", "健康 花子", "--ward", "city", "--role", "bureau")
    assert terminal.run("forms", "put", str(good), "--year", "2026", "--as", "kenko") == 0
    (made,) = rows(terminal, WordTemplate)
    assert (made.ward_id, made.form, made.fiscal_year) == ("city", "form7", 2026)
    assert made.in_force_at is not None
