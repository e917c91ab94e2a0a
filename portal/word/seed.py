"""Draws the shipped Word forms with python-docx: `python -m portal.word.seed` writes form.docx into the folders of templates/word.

The forms are ordinary Word files from then on: an officer may move, reword and add what he likes, as long as the 《marks》 stay.
Run this again only to start a form anew.
"""

from collections.abc import Callable

from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.shared import Mm, Twips

from portal.kinds import Kind, find_kind
from portal.kinds.fields import Rows
from portal.word.drawing import add_blocks, new_document, to_bytes
from portal.word.forms import FOLDER
from portal.word.layout import SPACER, rows_table, text_table, value_table
from portal.word.markup import parse_blocks, run

_SEALS = ("区担当", "係長", "課長", "責任者", "受付印")


def _new_form(title: str, form: str = "") -> Document:
    """Return an empty form with its header and footer."""
    document = new_document(title)
    page = document.sections[0]
    page.header.paragraphs[0].text = f"〔24区共有版《共有版のみ》〕\t{form}"
    footer = page.footer.paragraphs[0]
    footer.text = "《区》〔\u3000《報告番号》〕\u3000第《版》版〔（《状態》）〕\t"
    number = '<w:fldSimple w:instr="{}"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    footer._p.extend(parse_blocks(number.format("PAGE") + run(" / ") + number.format("NUMPAGES")))
    return document


def _add_seals(document: Document) -> None:
    """Draw the boxes for seals, 18 mm by 16 mm; they are on paper, so the shared edition has none."""
    table = document.add_table(2, len(_SEALS), "Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.RIGHT, False
    table.rows[0].height, table.rows[1].height = Twips(320), Mm(16)
    table._tblPr.extend(parse_blocks('<w:tblCaption w:val="決裁・受付印"/>'))
    for index, name in enumerate(_SEALS):
        table.columns[index].width = Mm(18)
        for cell, text in zip(table.columns[index].cells, (name, ""), strict=True):
            cell.width = Mm(18)
            cell.paragraphs[0].style = "印欄 名称"
            if shown := text if index else f"《全文のみ》{text}":
                cell.paragraphs[0].add_run(shown)


def _add_title(document: Document, title: str) -> None:
    document.add_paragraph("《共有版のみ》24区共有版（氏名・所感などを除いて全区に公開したもの）", "版の表示")
    document.add_paragraph(title, "Title")


def _add_letter(document: Document, title: str) -> None:
    """Write what stands above the tables: seals, title, day, addressee, sender."""
    _add_seals(document)
    document.add_paragraph(style="すき間")
    _add_title(document, title)
    document.add_paragraph("《報告日》", "右寄せ")
    document.add_paragraph("大阪市健康局長\u3000様")
    reporter = "報告者\u3000《報告者の職種》〔\u3000《報告者》〕〔\u3000㊞《全文のみ》〕"
    for sender in ("《受託法人》", "《相談支援室》", reporter):
        document.add_paragraph(sender, "右寄せ")
    document.add_paragraph(style="すき間")


def _add_tables(document: Document, *tables: str) -> None:
    add_blocks(document, "".join(table + SPACER for table in tables))


def _rows(kind: Kind, name: str, *, numbered: bool = False) -> str:
    one = kind.fields[name]
    assert isinstance(one, Rows)
    return rows_table(one, numbered=numbered)


def _text(kind: Kind, name: str) -> str:
    label = kind.fields[name].label
    return text_table(label, f"《{label}》")


_CLOSING = (
    ("添付資料", "《添付資料》"),
    ("個人情報の確認", "《個人情報の確認》"),
    ("責任者確認", "〔《責任者》\u3000《確認日時》\u3000確認〕"),
    ("提出日", "〔《提出日》〕", "保存期間", "〔《保存期間満了日》まで〕"),
)


def _add_meeting(document: Document, kind: Kind) -> None:
    facts = value_table(
        [
            ("報告番号", "《報告番号》〔\u3000第《版》版〕"),
            ("会議名", "《会議名》〔（第《回数》）〕"),
            ("会議体", "《会議体》"),
            ("日時", "《開催日》〔\u3000《開始時刻》〕〔～《終了時刻》〕"),
            ("場所", "《場所》"),
            ("開催の状況", "《開催の状況》", "開催方法", "《開催方法》"),
            ("主催", "《主催》〔（《主催の区分》）〕"),
            ("事業項目", "《事業項目》"),
            ("場面", "《場面》"),
            ("出席者数", "《出席者数》", "傍聴者数", "《傍聴者数》"),
            ("職種別の人数", "《職種別の人数》"),
            ("公開区分", "《公開区分》〔（理由：《公開しない理由》）〕"),
        ],
        "会議の概要",
    )
    after = value_table([("次回の予定", "《次回の予定日》〔\u3000《次回の場所》〕")], "次回の予定")
    _add_tables(
        document,
        facts,
        _rows(kind, "attendees", numbered=True),
        _rows(kind, "absentees"),
        _rows(kind, "agenda", numbered=True),
        _text(kind, "record"),
        *(_rows(kind, name) for name in ("opinions", "decisions", "issues")),
        _text(kind, "involvement"),
        _text(kind, "reflections"),
        after,
    )


def _add_training(document: Document, kind: Kind) -> None:
    facts = value_table(
        [
            ("報告番号", "《報告番号》〔\u3000第《版》版〕"),
            ("種別", "《種別》", "開催方法", "《開催方法》"),
            ("研修名", "《研修名》"),
            ("研修のまとまり", "《研修のまとまり》"),
            ("テーマ", "《テーマ》"),
            ("目的・ねらい", "《目的・ねらい》"),
            ("主催・共催・後援", "《主催・共催・後援》"),
            ("日時", "《開催日》〔\u3000《開始時刻》〕〔～《終了時刻》〕"),
            ("会場", "《会場》"),
            ("事業項目", "《事業項目》"),
            ("対象", "《対象》"),
            ("定員", "《定員》", "申込数", "《申込数》"),
            ("参加者数", "《参加者数》"),
            ("職種別の参加者数", "《職種別の参加者数》"),
        ],
        "研修の概要",
    )
    survey = value_table(
        [
            ("配布数", "《アンケート配布数》", "回収数", "《アンケート回収数》"),
            ("満足度", "《満足度》"),
            ("自由記述の要約", "《自由記述の要約》"),
        ],
        "アンケート",
        shown_title=True,
    )
    after = value_table(
        [
            ("復命・伝達先", "《復命・伝達先》"),
            ("写真の使用", "《写真の使用》"),
            ("経費", "《経費》", "謝金", "《謝金》"),
        ],
        "伝達・経費",
    )
    _add_tables(
        document,
        facts,
        _rows(kind, "lecturers"),
        _rows(kind, "programme", numbered=True),
        _text(kind, "record"),
        _text(kind, "group_work"),
        survey,
        _text(kind, "results"),
        _text(kind, "use"),
        _rows(kind, "issues"),
        _text(kind, "reflections"),
        after,
    )


def _plain() -> Document:
    document = _new_form("文書")
    _add_title(document, "《題名》")
    about = [
        ("区・相談支援室", "《区》〔\u3000《相談支援室》〕"),
        ("番号・版", "〔《報告番号》\u3000〕第《版》版〔（《状態》）〕"),
    ]
    _add_tables(document, value_table(about, "文書について"))
    document.add_paragraph("《その他の項目》")
    after = [("添付資料", "《添付資料》"), ("保存期間", "〔《保存期間満了日》まで〕")]
    _add_tables(document, value_table(after, "添付資料・保存期間"))
    return document


def _report(name: str, form: str, add_tables: Callable[[Document, Kind], None]) -> Document:
    kind = find_kind(name)
    assert kind is not None
    document = _new_form(kind.full_title, form)
    _add_letter(document, kind.title)
    add_tables(document, kind)
    document.add_paragraph("《その他の項目》")
    _add_tables(document, value_table(_CLOSING, "添付・確認"))
    return document


def main() -> None:
    """Write all shipped forms."""
    forms = {
        "form7": _report("meeting_report", "【様式７】", _add_meeting),
        "form8": _report("training_report", "【様式８】", _add_training),
        "plain": _plain(),
    }
    for name, document in forms.items():
        (FOLDER / name / "form.docx").write_bytes(to_bytes(document))


if __name__ == "__main__":
    main()
