"""Draws the four blank 情報共有シート: `python -m portal.word.seed_sheets` writes form.docx into templates/word.

What a sheet asks for follows DOMAIN 1b; the wording is our own. They are blank on purpose: a filled sheet is a patient's
record and does not belong in this portal. 《区》《相談支援室》 are printed for the ward that downloads one.
"""

from collections.abc import Sequence

from docx.document import Document
from docx.shared import Mm

from portal.word.drawing import add_blocks, new_document, to_bytes
from portal.word.forms import FOLDER
from portal.word.layout import PAGE_WIDTH, SPACER, cell, row, table, title_row, value_table


def _boxes(*choices: str) -> str:
    return "　".join(f"□{choice}" for choice in choices)


def _sheet(title: str, letter: Sequence[str], *tables: str) -> Document:
    document = new_document(title)
    page = document.sections[0]
    page.header.paragraphs[0].text = "情報共有シート\t〔《区》〕〔　《相談支援室》〕"
    page.footer.paragraphs[
        0
    ].text = "承認団体：　　　　　　　改訂年：　　　　年\t個人情報を含みます。取扱いに注意してください。"
    document.add_paragraph(title, "Title")
    for line in letter:
        document.add_paragraph(line)
    document.add_paragraph(style="すき間")
    add_blocks(document, "".join(each + SPACER for each in tables))
    for line in (line for each in document.tables for line in each.rows):
        line.height = max(line.height or Mm(0), Mm(7))  # room to write by hand
    return document


def _free(title: str, lines: int) -> str:
    """Return a box to write in, so many lines high."""
    space = row([cell("\n" * (lines - 1), PAGE_WIDTH, "TableText")], whole=True)
    return table([title_row(title, [PAGE_WIDTH]), space], [PAGE_WIDTH], title)


def _log(title: str, heads: Sequence[str], widths: Sequence[int], lines: int) -> str:
    """Return a table with empty rows to fill by hand."""
    shares = [PAGE_WIDTH * width // sum(widths) for width in widths]
    shares[-1] += PAGE_WIDTH - sum(shares)
    head = row(
        [cell(name, width, "TableLabel", shaded=True) for name, width in zip(heads, shares, strict=True)], heads=True
    )
    empty = [row([cell("", width, "TableText") for width in shares], whole=True) for _ in range(lines)]
    return table([title_row(title, shares), head, *empty], shares, title)


_ISSUER = (
    ("事業所", "", "担当者", ""),
    ("電話", "", "FAX", ""),
    ("携帯電話", "", "電子メール", ""),
)


def _care_to_doctor() -> Document:
    facts = value_table(
        [
            ("発行日", "　　　年　　月　　日", "返信", _boxes("必要", "報告のみ")),
            ("宛先", "医療機関：\n医師：　　　　　　　先生"),
            ("利用者", "氏名：　　　　　　　　　生年月日：　　　　年　　月　　日"),
            ("用件", f"{_boxes('担当になったことのお知らせ')}\n相談：{_boxes('ケアプランへの意見', '病状・指示の確認', '担当者会議')}\n　　　{_boxes('福祉用具', '医療系サービス', '別紙のとおり', 'その他')}"),
        ],
        "あて先と用件",
    )  # fmt: skip
    issuer = value_table(_ISSUER, "発行した居宅介護支援事業所など", shown_title=True)
    return _sheet(
        "医療・介護連携シート",
        ["ケアマネジャーから医師へ（お返事は下の欄にお願いします）"],
        facts,
        _free("ケアマネジャーからの連絡", 7),
        issuer,
        _free("医師からのお返事", 7),
    )


def _outcome() -> Document:
    facts = value_table(
        [
            ("発行日", "　　　年　　月　　日"),
            ("宛先", "病院：\n担当医：　　　　　　先生　　地域連携室："),
            ("患者氏名", ""),
        ],
        "あて先",
    )
    answer = value_table(
        [
            ("転帰", f"{_boxes('転科', '転院', '退院', '施設入所', 'その他（　　　　）')}"),
            ("日付", "　　　年　　月　　日"),
            ("行き先", ""),
            ("連絡事項", "\n\n"),
        ],
        "病院からのお知らせ",
        shown_title=True,
    )
    letter = [
        "ご紹介した患者さまの転科・転院・退院が決まりましたら、下の欄でお知らせください。",
        "施設へ入所される予定のときは、入所の前にご連絡をお願いします。",
    ]
    sender = value_table(
        [("発行者", ""), ("電話", "", "FAX", ""), ("相談支援室", "〔《相談支援室》〕")],
        "発行者",
        shown_title=True,
    )
    return _sheet("転帰シート", letter, facts, answer, sender)


def _referral() -> Document:
    referral = value_table(
        [
            ("紹介区分", _boxes("外来", "入院", "その他"), "紹介日", "　　年　　月　　日"),
            ("紹介先", "病院：　　　　　　　　科：　　　　　医師："),
            ("紹介元", "主治医："),
            ("退院時の対応", _boxes("自院で診療する", "相談して決める", "ほかの医療機関へ依頼する")),
            ("連絡方法", _boxes("電話", "FAX", "メール"), "カンファレンス", _boxes("参加する", "しない")),
        ],
        "紹介",
    )
    patient = value_table(
        [
            ("患者氏名", "", "性別", _boxes("男", "女")),
            ("生年月日", "　　　年　　月　　日", "介護保険", _boxes("なし", "申請中", "あり")),
            ("住所", ""),
            ("特記事項", "\n"),
            ("同意", "□この用紙で情報を共有することについて、同意を得ています。"),
        ],
        "患者",
        shown_title=True,
    )  # fmt: skip
    outcome = value_table(
        [
            ("移動した日", "　　　年　　月　　日", "転院・入所先", ""),
            ("転帰", _boxes("退院", "転院", "施設へ入所", "死亡")),
        ],
        "転帰",
        shown_title=True,
    )  # fmt: skip
    return _sheet(
        "紹介患者状況把握シート",
        ["かかりつけ医から病院へ、病院から相談支援室へ"],
        referral,
        patient,
        outcome,
        value_table([("受付", "　　　年　　月　　日　　受付者：")], "相談支援室記入欄", shown_title=True),
        _log("経過の記録", ("月日", "内容", "記入者"), (2, 9, 3), 4),
        _log("ケース会議", ("月日", "参加者", "決まったこと"), (2, 5, 7), 2),
    )  # fmt: skip


def _admission() -> Document:
    level = _boxes("要支援1", "2", "要介護1", "2", "3", "4", "5", "申請中")
    basics = value_table(
        [
            ("作成日", "　　　年　　月　　日", "同意", "□同意を得ています"),
            ("氏名", "", "生年月日", "　　　年　　月　　日"),
            ("住所・電話", ""),
            ("家族・世帯", f"{_boxes('独居', '高齢者世帯', '同居（　　　）')}\n主に介護する人：　　　　　　緊急の連絡先："),
            ("住まい", _boxes("戸建て", "集合住宅（　階）", "エレベーターあり", "施設")),
            ("入院の理由", "\n"),
        ],
        "基本情報",
    )  # fmt: skip
    care = value_table(
        [
            ("要介護度", f"{level}\n有効期間：　　年　月　日から　　年　月　日まで"),
            ("サービス利用", _boxes("訪問診療", "訪問看護", "訪問介護", "通所", "短期入所", "福祉用具", "その他")),
            ("障がいの認定", "", "自立度", "障がい高齢者：　　\n認知症高齢者："),
            ("病名・既往", "\n"),
        ],
        "介護と医療",
        shown_title=True,
    )
    life = value_table(
        [
            ("食事", _boxes("自立", "一部", "全介助"), "排泄", _boxes("自立", "一部", "全介助")),
            ("歩行", _boxes("自立", "杖", "車いす"), "移動・移乗", _boxes("自立", "一部", "全介助")),
            ("上下肢", "", "認知症の症状", ""),
            ("ふだんの生活", "\n"),
            ("退院への依頼", "□退院の前に連絡がほしい　□退院前カンファレンスに参加したい\n"),
        ],
        "生活の様子",
        shown_title=True,
    )
    issuer = value_table(_ISSUER, "作成した事業所", shown_title=True)
    return _sheet("入院時情報提供書", ["ケアマネジャーから医療機関へ"], basics, care, life, issuer)


def main() -> None:
    """Write the four sheets."""
    sheets = {"sheet1": _care_to_doctor, "sheet2": _outcome, "sheet3": _referral, "sheet4": _admission}
    for name, draw in sheets.items():
        (FOLDER / name).mkdir(exist_ok=True)
        (FOLDER / name / "form.docx").write_bytes(to_bytes(draw()))


if __name__ == "__main__":
    main()
