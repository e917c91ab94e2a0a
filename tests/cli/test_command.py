"""What an administrator does from a terminal: accounts, importing, searching, exporting, checking."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from portal.demo import files
from portal.kinds import find_kind
from portal.security.identity import Identity, Role, SystemIdentity
from portal.services import accounts, documents, signing_in
from portal.services.site import Site
from portal.services.uow import UnitOfWork
from portal.settings import Settings
from portal.word.drawing import simple_document
from tests.cli.conftest import PASSWORD, Terminal, add_account


def open_site() -> Site:
    return Site.open(Settings.from_environment())


def write_report(login: str, versions: int = 1) -> int:
    """Let a coordinator of 東成区 write a draft, and save it again with another place; return its id."""
    kind = find_kind("meeting_report")
    assert kind is not None
    site = open_site()
    with UnitOfWork(site, SystemIdentity()) as uow:
        account = next(one for one in accounts.all_accounts(uow) if one.login == login)
    with UnitOfWork(site, Identity(account.id, "higashinari", Role.COORDINATOR), name=account.name) as uow:
        made = documents.create(uow, ward="higashinari", kind=kind, title="", typed=kind.example()["fields"])
        for number in range(1, versions):
            fields = {**kind.example()["fields"], "place": f"{number}階の会議室"}
            documents.save_version(uow, made.id, title="", typed=fields, base=number)
        uow.commit()
    site.engine.dispose()
    return made.id


# -- accounts ---------------------------------------------------------------------------------------------------------


def test_an_account_with_a_made_up_password_signs_in_and_has_to_change_it(terminal: Terminal) -> None:
    given = ["--name", "田中　花子", "--ward", "higashinari", "--role", "coordinator"]
    assert terminal.run("account", "add", "Tanaka", *given) == 0
    password = re.search(r"最初のパスワード: (\S+)", terminal.out)
    assert password is not None
    site = open_site()
    secret = signing_in.sign_in(site, login="tanaka", password=password[1])
    session = signing_in.find_session(site, secret)
    assert session is not None
    assert session.must_change_password
    site.engine.dispose()


def test_an_account_with_a_password_from_standard_input_is_not_asked_to_change_it(terminal: Terminal) -> None:
    add_account(terminal, "sato", "responsible")
    assert PASSWORD not in terminal.out + terminal.err
    site = open_site()
    session = signing_in.find_session(site, signing_in.sign_in(site, login="sato", password=PASSWORD))
    assert session is not None
    assert not session.must_change_password
    site.engine.dispose()


@pytest.mark.parametrize(
    ("ward", "role", "said"),
    [
        ("higashinari", "chief", "coordinator（コーディネーター）"),
        ("nagoya", "coordinator", "nagoya"),
        ("higashinari", "bureau", "東成区"),
        ("city", "coordinator", "健康局"),
    ],
)
def test_a_role_that_does_not_exist_there_is_refused(terminal: Terminal, ward: str, role: str, said: str) -> None:
    assert terminal.run("account", "add", "tanaka", "--name", "田中", "--ward", ward, "--role", role) == 1
    assert said in terminal.err
    assert terminal.run("account", "list") == 0
    assert "tanaka" not in terminal.out


def test_a_name_that_is_taken_and_a_weak_password_are_refused(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_account(terminal, "tanaka", "coordinator")
    given = ["--name", "別の田中", "--ward", "ikuno", "--role", "coordinator"]
    assert terminal.run("account", "add", "TANAKA", *given) == 1
    assert "すでに使われています" in terminal.err
    monkeypatch.setattr("sys.stdin", io.StringIO("himitsu\n"))
    assert terminal.run("account", "add", "suzuki", *given, "--password-stdin") == 1
    assert "15文字以上" in terminal.err


def test_a_disabled_account_is_shown_so_and_cannot_act(terminal: Terminal) -> None:
    add_account(terminal, "tanaka", "coordinator")
    assert terminal.run("account", "disable", "tanaka") == 0
    assert terminal.run("account", "list") == 0
    assert re.search(r"tanaka +田中　花子 +東成区 コーディネーター +停止中", terminal.out)
    assert terminal.run("search", "退院", "--as", "tanaka") == 1
    assert "停止中" in terminal.err


# -- importing and searching ------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with files of every kind the demo makes, one that is refused, and one hidden."""
    made = tmp_path / "届いた資料"
    (made / "会議").mkdir(parents=True)
    (made / "会議" / "次第.docx").write_bytes(simple_document("病院連絡会 次第", ["退院前カンファレンスの進め方"]))
    (made / "集計.xlsx").write_bytes(files.xlsx("集計", [["病院", "件数"], ["見本病院", 12]]))
    (made / "お知らせ.pdf").write_bytes(files.pdf(["口腔ケアのお知らせ", "訪問歯科の相談先"]))
    (made / "控え.txt").write_bytes(files.txt(["・空床情報は月曜日に集める"]))
    (made / "集計.xlsm").write_bytes(b"PK\x03\x04")
    (made / ".DS_Store").write_bytes(b"x")
    return made


def test_a_folder_comes_in_and_is_found(terminal: Terminal, folder: Path) -> None:
    assert terminal.run("import", str(folder), "--ward", "higashinari", "--as-files") == 1  # one file was left out
    assert "5件のうち4件を取り込みました（登録済み0件、取り込めなかったもの1件）" in terminal.out
    assert "集計.xlsm" in terminal.out
    assert "マクロ" in terminal.out
    for words, title in [
        ("退院前カンファレンス", "次第"),
        ("見本病院", "集計"),
        ("訪問歯科", "お知らせ"),
        ("空床情報", "控え"),
    ]:
        assert terminal.run("search", words) == 0, words
        assert title in terminal.out


def test_a_file_whose_text_cannot_be_read_is_kept_and_named(terminal: Terminal, folder: Path) -> None:
    (folder / "集計.xlsm").unlink()
    (folder / "写し.pdf").write_bytes(files.pdf([]))
    assert terminal.run("import", str(folder), "--ward", "higashinari", "--as-files") == 0
    assert "本文を検索できないものが1件" in terminal.out
    assert "写し.pdf" in terminal.out


def test_importing_again_makes_nothing_twice(terminal: Terminal, folder: Path) -> None:
    (folder / "集計.xlsm").unlink()
    assert terminal.run("import", str(folder), "--ward", "higashinari", "--as-files") == 0
    assert terminal.run("import", str(folder), "--ward", "higashinari", "--as-files") == 0
    assert "4件のうち0件を取り込みました（登録済み4件、取り込めなかったもの0件）" in terminal.out
    assert terminal.run("check") == 0


def test_a_progress_is_shown_apart_from_the_answer(terminal: Terminal, folder: Path) -> None:
    terminal.run("import", str(folder), "--ward", "higashinari", "--as-files")
    assert "5/5" in terminal.err
    assert "\x1b" not in terminal.err  # no bar where there is no terminal


@pytest.mark.parametrize(
    ("folder_name", "ward", "said"), [("ない", "higashinari", "見つかりません"), (".", "nagoya", "nagoya")]
)
def test_a_folder_or_ward_that_is_not_there_is_said_so(
    terminal: Terminal, folder_name: str, ward: str, said: str, tmp_path: Path
) -> None:
    assert terminal.run("import", str(tmp_path / folder_name), "--ward", ward) == 1
    assert said in terminal.err


def test_a_search_as_a_person_finds_what_that_person_may_see(terminal: Terminal) -> None:
    add_account(terminal, "tanaka", "coordinator")
    add_account(terminal, "suzuki", "coordinator", "ikuno")
    made = write_report("tanaka")
    assert terminal.run("search", "退院支援ルール") == 0
    assert terminal.run("search", "退院支援ルール", "--as", "tanaka", "--json") == 0
    found = json.loads(terminal.out)
    assert [one["id"] for one in found["items"]] == [made]
    assert "退院支援ルール" in found["items"][0]["snippet"]
    assert terminal.run("search", "退院支援ルール", "--as", "suzuki", "--json") == 1
    assert json.loads(terminal.out) == {"total": 0, "items": []}
    assert terminal.run("search", "退院支援ルール", "--ward", "ikuno") == 1


def test_a_role_that_the_account_does_not_hold_cannot_be_taken(terminal: Terminal) -> None:
    add_account(terminal, "tanaka", "coordinator")
    assert terminal.run("search", "退院", "--as", "tanaka", "--as-ward", "ikuno") == 1
    assert "持っていません" in terminal.err


# -- exporting, checking ----------------------------------------------------------------------------------------------


def test_a_report_is_saved_as_word_and_noted(terminal: Terminal, tmp_path: Path) -> None:
    add_account(terminal, "tanaka", "coordinator")
    made = write_report("tanaka")
    target = tmp_path / "報告.docx"
    assert terminal.run("export", str(made), "--as", "tanaka", "-o", str(target)) == 0, terminal.err
    assert "word/document.xml" in zipfile.ZipFile(target).namelist()


def test_what_became_of_a_version_is_saved_as_word(terminal: Terminal, tmp_path: Path) -> None:
    add_account(terminal, "tanaka", "coordinator")
    once, twice = write_report("tanaka"), write_report("tanaka", versions=2)
    assert terminal.run("redline", str(once), "--as", "tanaka", "-o", str(tmp_path)) == 1
    assert "比べる版を選び直してください" in terminal.err
    target = tmp_path / "見え消し"
    target.mkdir()
    assert terminal.run("redline", str(twice), "--as", "tanaka", "--printed", "-o", str(target)) == 0, terminal.err
    assert [path.name.endswith("見え消し（第1版→第2版、印刷用）.docx") for path in target.iterdir()] == [True]


def test_a_report_one_may_not_see_is_not_there(terminal: Terminal, tmp_path: Path) -> None:
    add_account(terminal, "tanaka", "coordinator")
    add_account(terminal, "suzuki", "coordinator", "ikuno")
    made = write_report("tanaka")
    answers = []
    for one in (made, 999_999):
        assert terminal.run("export", str(one), "--as", "suzuki", "-o", str(tmp_path / "x.docx")) == 1
        answers.append(terminal.err)
    assert answers[0] == answers[1]
    assert not (tmp_path / "x.docx").exists()


def test_check_lists_what_is_wrong(terminal: Terminal, folder: Path) -> None:
    terminal.run("import", str(folder), "--ward", "higashinari", "--as-files")
    assert terminal.run("check") == 0
    assert "問題はありません" in terminal.out
    blob = next(path for path in (terminal.data / "blobs").rglob("*") if path.is_file())
    blob.write_bytes(b"x")
    assert terminal.run("check") == 1
    assert blob.name[:12] in terminal.out


def test_reindex_makes_the_index_anew(terminal: Terminal, folder: Path) -> None:
    terminal.run("import", str(folder), "--ward", "higashinari", "--as-files")
    assert terminal.run("reindex") == 0
    assert "4件" in terminal.out
    assert terminal.run("search", "訪問歯科") == 0


# -- the words of the command -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ([], "次の指定が必要です"),
        (["publish"], "使えません"),
        (["import"], "次の指定が必要です"),
        (["export", "x", "--as", "tanaka"], "数字で指定してください"),
        (["search", "退院", "--as"], "値を書いてください"),
        (["search", "退院", "--as", "tanaka", "--system"], "一緒に使えません"),
        (["search", "退院", "--most", "0"], "1から1000まで"),
        (["search", "退院", "--most", "many"], "数字で指定してください"),
        (["check", "--fast"], "わからない指定です"),
    ],
)
def test_a_wrong_line_is_explained_in_japanese(terminal: Terminal, line: list[str], said: str) -> None:
    assert terminal.run(*line) == 2
    assert said in terminal.err
    assert "使い方: portal" in terminal.err
    assert not re.search(r"usage|error|required|invalid|argument", terminal.err)


@pytest.mark.parametrize("line", [[], ["account"], ["account", "add"], ["import"], ["search"], ["export"], ["demo"]])
def test_help_is_japanese(terminal: Terminal, line: list[str]) -> None:
    assert terminal.run(*line, "--help") == 0
    assert "使い方: portal" in terminal.out
    assert terminal.out.count("使い方") == 1
    assert not re.search(r"usage|options:|positional|show this", terminal.out)
