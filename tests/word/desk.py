"""What the Word tests share: an imaginary office's heading, sample reports, and a reader that opens the result again."""

import os
import random
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import etree

from portal.kinds import Content, Kind, find_kind
from portal.word import Heading, lint
from portal.word.forms import FOLDER
from portal.word.package import read_parts
from tests.support.packages import require_package, require_program

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NS = {"w": W[1:-1]}

HEADING = Heading(
    number="R8-東成-様式7-012",
    ward_name="東成区",
    office="東成区在宅医療・介護連携相談支援室",
    contractors=("一般社団法人東成区医師会",),
    version=2,
    state_title="提出済",
    confirmed_by="見本 次郎",
    confirmed_at=datetime(2026, 10, 20, 5, 5, tzinfo=UTC),
    submitted_on=date(2026, 10, 21),
    saved_at=datetime(2026, 10, 19, 1, 2, 3, tzinfo=UTC),
    kept_until=date(2032, 3, 31),
    attachments=("資料1 次第.pdf", "資料2 退院支援ルール第2版（案）.docx"),
)


def kind(name: str) -> Kind:
    """Return a kind that must be there."""
    found = find_kind(name)
    assert found is not None
    return found


MEETING, TRAINING = kind("meeting_report"), kind("training_report")


def sample(of: Kind, **fields: Any) -> Content:
    """Return the kind's own example with some fields changed."""
    example = of.example()
    return of.clean(example["title"], {**example["fields"], **fields})


@dataclass(frozen=True)
class Opened:
    """A .docx opened again by its XML, as Word would see it."""

    parts: dict[str, bytes]

    @cached_property
    def document(self) -> etree._Element:
        return etree.fromstring(self.parts["word/document.xml"])

    @cached_property
    def lines(self) -> list[str]:
        """The text of every paragraph of the body; tabs and breaks as they are."""
        return [_paragraph_text(paragraph) for paragraph in self.document.iter(f"{W}p")]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @cached_property
    def bookmarked(self) -> dict[str, str]:
        """The text inside every bookmark by its name."""
        found: dict[str, list[str]] = {}
        open_now: dict[str, str] = {}
        for node in self.document.iter():
            if node.tag == f"{W}bookmarkStart":
                open_now[node.get(f"{W}id")] = node.get(f"{W}name")
                found[node.get(f"{W}name")] = []
            elif node.tag == f"{W}bookmarkEnd":
                open_now.pop(node.get(f"{W}id"), None)
            else:
                for name in open_now.values():
                    found[name].append(_shown(node))
        return {name: "".join(parts) for name, parts in found.items()}

    @property
    def everything(self) -> str:
        """All text of all parts, properties, headers and footers included."""
        return "\n".join(
            "".join(etree.fromstring(data).itertext()) for name, data in self.parts.items() if name.endswith(".xml")
        ) + "".join(data.decode() for name, data in self.parts.items() if name.endswith(".xml"))

    def part_text(self, name: str) -> str:
        return "\n".join(_paragraph_text(p) for p in etree.fromstring(self.parts[name]).iter(f"{W}p"))

    @cached_property
    def controls(self) -> dict[str, str]:
        """The text of every content control by its tag."""
        found = {}
        for control in self.document.iter(f"{W}sdt"):
            tag = control.find(f"{W}sdtPr/{W}tag")
            content = control.find(f"{W}sdtContent")
            paragraphs = content.findall(f".//{W}p")
            texts = (
                [_paragraph_text(one) for one in paragraphs] if paragraphs else ["".join(map(_shown, content.iter()))]
            )
            found[tag.get(f"{W}val")] = "\n".join(texts)
        return found

    @cached_property
    def bookmarks(self) -> set[str]:
        return {mark.get(f"{W}name") for mark in self.document.iter(f"{W}bookmarkStart")}

    def table(self, title: str) -> etree._Element:
        """Return the table with that caption."""
        for table in self.document.iter(f"{W}tbl"):
            caption = table.find(f"{W}tblPr/{W}tblCaption")
            if caption is not None and caption.get(f"{W}val") == title:
                return table
        raise AssertionError(f"no table {title}")

    def rows(self, title: str) -> list[list[str]]:
        """Return the text of the cells of the table with that caption."""
        return [
            ["\n".join(_paragraph_text(p) for p in cell.iter(f"{W}p")).strip("\n") for cell in row.findall(f"{W}tc")]
            for row in self.table(title).findall(f"{W}tr")
        ]

    def properties(self) -> dict[str, str]:
        """Return the core properties."""
        return {etree.QName(one).localname: one.text or "" for one in etree.fromstring(self.parts["docProps/core.xml"])}


def _paragraph_text(paragraph: etree._Element) -> str:
    shown = []
    for node in paragraph.iter():
        if next(node.iterancestors(f"{W}p"), paragraph) is not paragraph:
            continue
        shown.append(_shown(node))
    return "".join(shown)


def _shown(node: etree._Element) -> str:
    return {f"{W}t": node.text or "", f"{W}br": "\n", f"{W}tab": "\t"}.get(node.tag, "")


def opened(docx: bytes) -> Opened:
    """Open an export again; whatever Word would stumble over fails the test."""
    assert lint(docx) == []
    return Opened(read_parts(docx))


def rendered(docx: bytes, folder: Path) -> Path:
    """Return the PDF that LibreOffice makes of an export."""
    return rendered_together({"export": docx}, folder)["export"]


def rendered_together(files: Mapping[str, bytes], folder: Path) -> dict[str, Path]:
    """Return the PDFs of several exports, made in one start of LibreOffice."""
    return _converted(files, folder, "pdf", "pdf")


def saved_by_libreoffice(docx: bytes, folder: Path) -> Opened:
    """Return an export as LibreOffice writes it back."""
    return Opened(read_parts(_converted({"export": docx}, folder, "docx:MS Word 2007 XML", "docx")["export"]))


def _converted(files: Mapping[str, bytes], folder: Path, target: str, ending: str) -> dict[str, Path]:
    """Run LibreOffice on exports, with ＭＳ 明朝 drawn in the installed 明朝."""
    require_package("fonts-noto-cjk")
    require_package("libreoffice-writer-nogui")
    office = require_program("libreoffice-writer-nogui", "soffice")
    for name, docx in files.items():
        (folder / f"{name}.docx").write_bytes(docx)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    sources = [str(folder / f"{name}.docx") for name in files]
    subprocess.run(
        [str(office), profile, "--headless", "--convert-to", target, "--outdir", str(folder / "out"), *sources],
        check=True,
        capture_output=True,
        timeout=150,
        env=os.environ | {"FONTCONFIG_FILE": str(FOLDER / "fonts.conf"), "HOME": str(folder)},
    )
    return {name: folder / "out" / f"{name}.{ending}" for name in files}


def pages(pdf: Path, resolution: int = 60) -> list[Path]:
    """Return the pages of a PDF as grey PNG pictures."""
    tool = require_program("poppler-utils", "pdftoppm")
    subprocess.run([str(tool), "-r", str(resolution), "-gray", "-png", str(pdf), str(pdf.with_suffix(""))], check=True)
    return sorted(pdf.parent.glob(f"{pdf.stem}-*.png"), key=lambda page: int(re.findall(r"\d+", page.stem)[-1]))


# --- sample reports of a busy month ---------------------------------------------------------------

_BODIES = ("東成区医師会", "東成区歯科医師会", "東成区薬剤師会", "見本総合病院 地域連携室", "訪問看護ステーション見本")
_PROFESSIONS = ("医師", "歯科医師", "薬剤師", "社会福祉士", "訪問看護師", "主任介護支援専門員")
_NAMES = ("髙橋", "山﨑", "德永", "渡邉", "𠮷田", "見本")
_SENTENCES = (
    "区内8病院のうち5病院が「退院日の3日前まで」に連絡していると報告した。",
    "訪問看護ステーションから、医療処置の引継ぎに最低でも5営業日が要るという意見があった。",
    "診療所からは、FAXと電話のどちらを先にするか決めてほしいという声が出た。",
    "年末年始の空床情報は、相談支援室が12月20日までに一覧にして配ることとした。",
)


def busy_meeting(attendees: int = 26, paragraphs: int = 12) -> Content:
    """Return a meeting report of several pages, the same every time. All names are made up."""
    dice = random.Random(7)
    people = [
        {
            "affiliation": dice.choice(_BODIES),
            "profession": dice.choice(_PROFESSIONS),
            "name": f"{dice.choice(_NAMES)} {dice.choice('一二三四五六七八九')}郎",
            "group": dice.choice(("医療", "介護", "行政")),
            "deputy": index % 9 == 4,
        }
        for index in range(attendees)
    ]
    text = "".join(f"<p>{''.join(dice.choices(_SENTENCES, k=3))}</p>" for _ in range(paragraphs))
    return sample(
        MEETING,
        meeting_name="在宅医療・介護連携推進会議",
        body_name="在宅医療・介護連携推進会議",
        attendees=people,
        absentees=[{"affiliation": "東成区歯科医師会", "profession": "歯科医師", "name": "﨑山 二葉"}],
        headcount=attendees,
        headcounts=[
            {"profession": name, "count": count}
            for name, count in Counter(person["profession"] for person in people).most_common()
        ],
        observers=3,
        agenda=[
            {"subject": "前回の宿題の確認", "type": "報告", "presenter": "髙橋 一郎", "summary": "4件のうち3件が完了した。"},
            {"subject": "退院支援ルール第2版の試行", "type": "協議", "presenter": "𠮷田 三郎", "summary": "11月から使う。\n様式は相談支援室が配る。"},
            {"subject": "情報共有シートの改訂", "type": "情報提供", "presenter": "渡邉 四郎", "summary": ""},
        ],
        record=(
            "<h2>1 退院支援ルール第2版の試行</h2>" + text + "<h3>決めたこと</h3>"
            "<ul><li><p>連絡は<strong>退院の3日前</strong>まで</p><ul><li><p>休日をはさむときは5日前</p></li></ul></li>"
            "<li><p>様式は<em>第2版</em>を使う</p></li></ul><ol><li><p>病院が送る</p></li><li><p>相談支援室が集める</p></li></ol>"
            "<table><caption>空床の見込み</caption><thead><tr><th>区分</th><th>病院</th><th>12月</th><th>1月</th></tr></thead><tbody>"
            '<tr><td rowspan="2">急性期</td><td>見本総合病院</td><td>4</td><td>3</td></tr>'
            '<tr><td>見本第二病院</td><td colspan="2">調整中</td></tr><tr><td>回復期</td><td>見本リハビリ病院</td><td>2</td><td>2</td></tr>'
            "</tbody></table><h2>2 情報共有シートの改訂</h2><p>" + _SENTENCES[2] + "</p>"
        ),
    )  # fmt: skip


def busy_training() -> Content:
    """Return a training report of two or three pages."""
    return sample(
        TRAINING,
        lecturers=[
            {"type": "講師", "affiliation": "見本総合病院", "post": "地域連携室長", "name": "德永 六実"},
            {"type": "司会", "affiliation": "東成区医師会", "post": "理事", "name": "髙橋 一郎"},
        ],
        programme=[
            {"time": "18:30", "subject": "開会", "form": "その他"},
            {"time": "18:40", "subject": "入院時に伝えてほしいこと", "form": "講義"},
            {"time": "19:20", "subject": "事例をもとにした意見交換", "form": "演習"},
        ],
        record=f"<p>{''.join(_SENTENCES)}</p>" * 3,
        group_work="<ul><li><p>連絡先の一覧がほしい</p></li><li><p>窓口の名前を毎年確かめる</p></li></ul>",
        fee=30000,
    )
