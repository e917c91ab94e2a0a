"""Draws the shipped Word forms: `python -m portal.word.seed` writes form.docx into the folders of templates/word.

The forms are ordinary Word files from then on: an officer may move, reword and add what he likes, as long as the 《marks》 stay.
Run this again only to start a form anew.
"""

from pathlib import Path

from portal.kinds import Kind, find_kind
from portal.kinds.fields import Rows
from portal.word.base import package
from portal.word.forms import FOLDER
from portal.word.layout import SPACER, cell, row, rows_table, table, text_table, value_table
from portal.word.markup import paragraph, run
from portal.word.package import assemble, pack

_SEALS = ("区担当", "係長", "課長", "責任者", "受付印")
_SEAL_WIDTH, _SEAL_HEIGHT = 1020, 907  # 18 mm x 16 mm
_SHARED_NOTE = "《共有版のみ》24区共有版（氏名・所感などを除いて全区に公開したもの）"


def _seals() -> str:
    widths = [_SEAL_WIDTH] * len(_SEALS)
    names = [
        cell(("《全文のみ》" if index == 0 else "") + name, _SEAL_WIDTH, "SealLabel")
        for index, name in enumerate(_SEALS)
    ]
    boxes = [cell("《全文のみ》" if index == 0 else "", _SEAL_WIDTH, "SealLabel") for index in range(len(_SEALS))]
    lines = [row(names, height=320), row(boxes, whole=True, height=_SEAL_HEIGHT)]
    return table(lines, widths, "決裁・受付印", '<w:jc w:val="right"/>')


def _letter(title: str, *, sealed: bool) -> str:
    """Return what stands above the tables: seals, title, day, addressee, sender."""
    lines = [
        _seals() + SPACER if sealed else "",
        paragraph(run(_SHARED_NOTE), "Stamp"),
        paragraph(run(title), "Title"),
        paragraph(run("《報告日》"), "Right"),
        paragraph(run("大阪市健康局長\u3000様")),
        paragraph(run("《受託法人》"), "Right"),
        paragraph(run("《相談支援室》"), "Right"),
        paragraph(run("報告者\u3000《報告者の職種》〔\u3000《報告者》〕〔\u3000㊞《全文のみ》〕"), "Right"),
        SPACER,
    ]
    return "".join(lines)


def _header(form: str) -> str:
    return paragraph(run(f"〔24区共有版《共有版のみ》〕\t{form}"), "Header")


def _footer() -> str:
    number = '<w:fldSimple w:instr="{}"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    about = run("《区》〔\u3000《報告番号》〕\u3000第《版》版〔（《状態》）〕\t")
    return paragraph(about + number.format("PAGE") + run(" / ") + number.format("NUMPAGES"), "Footer")


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


def _form7(kind: Kind) -> str:
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
    blocks = [
        facts,
        _rows(kind, "attendees", numbered=True),
        _rows(kind, "absentees"),
        _rows(kind, "agenda", numbered=True),
        _text(kind, "record"),
        *(_rows(kind, name) for name in ("opinions", "decisions", "issues")),
        _text(kind, "involvement"),
        _text(kind, "reflections"),
        after,
    ]
    return _letter(kind.title, sealed=True) + _ending(blocks)


def _form8(kind: Kind) -> str:
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
    blocks = [
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
    ]
    return _letter(kind.title, sealed=True) + _ending(blocks)


def _ending(blocks: list[str]) -> str:
    closing = value_table(_CLOSING, "添付・確認")
    return "".join(block + SPACER for block in blocks) + paragraph(run("《その他の項目》")) + closing + SPACER


def _plain() -> str:
    about = value_table(
        [
            ("区・相談支援室", "《区》〔\u3000《相談支援室》〕"),
            ("番号・版", "〔《報告番号》\u3000〕第《版》版〔（《状態》）〕"),
        ],
        "文書について",
    )
    after = value_table(
        [("添付資料", "《添付資料》"), ("保存期間", "〔《保存期間満了日》まで〕")], "添付資料・保存期間"
    )
    return "".join(
        [
            paragraph(run(_SHARED_NOTE), "Stamp"),
            paragraph(run("《題名》"), "Title"),
            about + SPACER,
            paragraph(run("《その他の項目》")),
            after + SPACER,
        ]
    )


def _kind(name: str) -> Kind:
    found = find_kind(name)
    assert found is not None
    return found


def write_form(folder: Path, title: str, body: str, header: str) -> None:
    """Write one form.docx."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = package(title, body, header, _footer())
    (folder / "form.docx").write_bytes(assemble(pack(name, data, level=9) for name, data in parts.items()))


def main() -> None:
    """Write all shipped forms."""
    meeting, training = _kind("meeting_report"), _kind("training_report")
    write_form(FOLDER / "form7", meeting.full_title, _form7(meeting), _header("【様式７】"))
    write_form(FOLDER / "form8", training.full_title, _form8(training), _header("【様式８】"))
    write_form(FOLDER / "plain", "文書", _plain(), _header(""))


if __name__ == "__main__":
    main()
