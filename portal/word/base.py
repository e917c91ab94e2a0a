"""The pruned base of every shipped form: its own few styles, lists, settings and page, and nothing else.

A new document of Word or python-docx carries close to a megabyte of styles nobody uses; this one carries what a form needs. The
fonts are named for all four scripts and never through a theme, so that digits and 髙 﨑 德 邉 𠮷 come out in one face.
"""

from portal.word.markup import W

MINCHO = "ＭＳ 明朝"
FONTS = f'<w:rFonts w:ascii="{MINCHO}" w:hAnsi="{MINCHO}" w:eastAsia="{MINCHO}" w:cs="{MINCHO}"/>'
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PART_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}+xml"
_BORDER = "".join(
    f'<w:{side} w:val="single" w:sz="6" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_LINE = '<w:spacing w:before="0" w:after="0" w:line="340" w:lineRule="atLeast"/>'
_TIGHT = '<w:spacing w:before="0" w:after="0" w:line="320" w:lineRule="atLeast"/>'

# id, name, based on, paragraph properties, run properties; the order is that of the file
_PARAGRAPH_STYLES = (
    ("Title", "Title", "Normal", '<w:spacing w:before="120" w:after="200"/><w:jc w:val="center"/>',
     '<w:b/><w:bCs/><w:spacing w:val="20"/><w:sz w:val="32"/><w:szCs w:val="32"/>'),
    ("Heading1", "heading 1", "Normal", '<w:spacing w:before="160" w:after="60"/><w:outlineLvl w:val="0"/>',
     '<w:b/><w:bCs/><w:sz w:val="24"/><w:szCs w:val="24"/>'),
    ("Heading2", "heading 2", "Normal", '<w:spacing w:before="120" w:after="20"/><w:outlineLvl w:val="1"/>', "<w:b/><w:bCs/>"),
    ("Heading3", "heading 3", "Normal", '<w:spacing w:before="80" w:after="0"/><w:ind w:left="210"/><w:outlineLvl w:val="2"/>',
     "<w:b/><w:bCs/>"),
    ("BodyText", "Body Text", "Normal", '<w:ind w:firstLineChars="100" w:firstLine="210"/><w:jc w:val="both"/>', ""),
    ("BodyTextFlat", "本文 字下げなし", "Normal", '<w:jc w:val="both"/>', ""),
    ("ListParagraph", "List Paragraph", "Normal", '<w:jc w:val="both"/>', ""),
    ("Caption", "caption", "Normal", '<w:keepNext/><w:jc w:val="center"/>', ""),
    ("TableText", "表 本文", "Normal", _TIGHT, ""),
    ("TableHead", "表 見出し", "TableText", '<w:jc w:val="center"/>', "<w:b/><w:bCs/>"),
    ("TableLabel", "表 項目名", "TableText", "", ""),
    ("TableTitle", "表 題", "TableText", "", "<w:b/><w:bCs/>"),
    ("SealLabel", "印欄 名称", "Normal", '<w:spacing w:line="240" w:lineRule="auto"/><w:jc w:val="center"/>',
     '<w:sz w:val="16"/><w:szCs w:val="16"/>'),
    ("Right", "右寄せ", "Normal", '<w:jc w:val="right"/>', ""),
    ("Stamp", "版の表示", "Normal",
     '<w:pBdr><w:top w:val="single" w:sz="8" w:space="3" w:color="auto"/><w:left w:val="single" w:sz="8" w:space="6" w:color="auto"/>'
     '<w:bottom w:val="single" w:sz="8" w:space="3" w:color="auto"/><w:right w:val="single" w:sz="8" w:space="6" w:color="auto"/>'
     '</w:pBdr><w:ind w:left="120" w:right="120"/><w:jc w:val="center"/>', "<w:b/><w:bCs/>"),
    ("Spacer", "すき間", "Normal", '<w:spacing w:line="200" w:lineRule="exact"/>', '<w:sz w:val="12"/><w:szCs w:val="12"/>'),
    ("Tail", "末尾", "Normal", '<w:spacing w:line="20" w:lineRule="exact"/>', '<w:sz w:val="2"/><w:szCs w:val="2"/>'),
    ("Header", "header", "Normal", '<w:tabs><w:tab w:val="right" w:pos="9354"/></w:tabs>', ""),
    ("Footer", "footer", "Normal", '<w:tabs><w:tab w:val="right" w:pos="9354"/></w:tabs>', '<w:sz w:val="18"/><w:szCs w:val="18"/>'),
)  # fmt: skip


def _paragraph_style(style: tuple[str, str, str, str, str]) -> str:
    ident, name, parent, paragraph, run = style
    custom = "" if name.isascii() else ' w:customStyle="1"'
    return (
        f'<w:style w:type="paragraph"{custom} w:styleId="{ident}"><w:name w:val="{name}"/><w:basedOn w:val="{parent}"/>'
        f"<w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def styles() -> str:
    """Return styles.xml."""
    language = '<w:lang w:val="ja-JP" w:eastAsia="ja-JP" w:bidi="ar-SA"/>'
    return (
        f'{_HEAD}<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr>{FONTS}<w:kern w:val="2"/>'
        f'<w:sz w:val="21"/><w:szCs w:val="21"/>{language}</w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        f'<w:pPr><w:widowControl w:val="0"/>{_LINE}</w:pPr></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
        '<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/>'
        '<w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/>'
        f"<w:tblPr><w:tblBorders>{_BORDER}</w:tblBorders></w:tblPr></w:style>"
        f"{''.join(_paragraph_style(style) for style in _PARAGRAPH_STYLES)}</w:styles>"
    )


_BULLETS = ("・", "－", "○")
_ORDER = (("decimal", "%1"), ("decimal", "（%2）"), ("aiueoFullWidth", "%3"), ("aiueoFullWidth", "（%4）"),
          ("decimalEnclosedCircle", "%5"))  # fmt: skip
BULLET_SIGN, ORDER_SIGN = "0A7D0001", "0A7D0002"


def _level(index: int, kind: str, text: str) -> str:
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:suff w:val="tab"/><w:lvlText w:val="{text}"/>'
        f'<w:lvlJc w:val="left"/><w:pPr><w:tabs><w:tab w:val="num" w:pos="{420 * (index + 1)}"/></w:tabs>'
        f'<w:ind w:left="{420 * (index + 1)}" w:hanging="420"/></w:pPr><w:rPr>{FONTS}</w:rPr></w:lvl>'
    )


def numbering() -> str:
    """Return numbering.xml: list 1 is bulleted; ordered lists are added per document, so that each begins at 1."""
    bullets = "".join(_level(index, "bullet", _BULLETS[index % len(_BULLETS)]) for index in range(9))
    order = "".join(
        _level(index, kind, text.replace(text[text.index("%") : text.index("%") + 2], f"%{index + 1}"))
        for index, (kind, text) in ((index, _ORDER[index % len(_ORDER)]) for index in range(9))
    )
    lists = "".join(
        f'<w:abstractNum w:abstractNumId="{number}"><w:nsid w:val="{sign}"/><w:multiLevelType w:val="multilevel"/>'
        f"{levels}</w:abstractNum>"
        for number, (sign, levels) in enumerate(((BULLET_SIGN, bullets), (ORDER_SIGN, order)))
    )
    return f'{_HEAD}<w:numbering xmlns:w="{W}">{lists}<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'


def settings() -> str:
    """Return settings.xml: Japanese line breaking, and the layout rules of current Word."""
    return (
        f'{_HEAD}<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:defaultTabStop w:val="840"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat>'
        "<w:spaceForUL/><w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/><w:ulTrailSpace/>"
        "<w:doNotExpandShiftReturn/><w:adjustLineHeightInTable/>"
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        '</w:compat><w:themeFontLang w:val="ja-JP" w:eastAsia="ja-JP"/></w:settings>'
    )


def font_table() -> str:
    """Return fontTable.xml: what to take where ＭＳ 明朝 is not installed."""
    return (
        f'{_HEAD}<w:fonts xmlns:w="{W}"><w:font w:name="{MINCHO}"><w:altName w:val="MS Mincho"/>'
        '<w:panose1 w:val="02020609040205080304"/><w:charset w:val="80"/><w:family w:val="roman"/><w:pitch w:val="fixed"/>'
        "</w:font></w:fonts>"
    )


def parts() -> dict[str, str]:
    """Return what every form rests on: parts of the folder `word` by their name, which is also their type."""
    return {"styles": styles(), "numbering": numbering(), "settings": settings(), "fontTable": font_table()}
