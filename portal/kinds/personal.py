"""What looks like a person in a text: names, births, telephones, addresses, numbers. It finds much and never all.

Patterns are read in NFKC, so ０９０ and 090 are one; places are given in the text as it was written.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

KINDS: Mapping[str, str] = {
    "name": "氏名",
    "age": "氏名と年齢",
    "birth": "生年月日",
    "phone": "電話・FAX番号",
    "address": "住所",
    "insured": "被保険者番号など",
    "my_number": "マイナンバー",
    "email": "個人のメールアドレス",
    "sheet": "記入されたシートの項目",
    "author": "ファイルの作成者",
}
"""Each kind of finding with the word people read."""


WHYS = (
    "ファイルの作成者・更新者の欄に氏名があります",
    "氏名らしいことばのあとに「様」「さん」「氏」などがあります",
    "氏名と年齢が並んでいます",
    "氏名などの欄に記入があります",
    "「生年月日」の欄に日付があります",
    "日付のあとに「生」があります",
    "氏名のあとに日付があります",
    "携帯電話の番号に見えます",
    "自宅・家族などの番号に見えます",
    "被保険者番号・診察券番号などに見えます",
    "マイナンバー（12桁と検査用の数字）に見えます",
    "住所（番地・部屋番号）に見えます",
    "住所（部屋番号）に見えます",
    "個人向けのメールサービスのアドレスです",
)
"""Every reason a finding can give."""


@dataclass(frozen=True)
class Finding:
    """One place that looks personal: `text[start:end]` of what was searched, and why it was taken for personal."""

    kind: str
    start: int
    end: int
    text: str
    why: str


_Found = Iterator[tuple[str, int, int, str]]
_Finder = Callable[[str], _Found]


def find(text: str) -> list[Finding]:
    """Return what looks personal in a text, in its order; of two that overlap the longer one stays."""
    folded, places = _folded(text)
    found = []
    for finder in _FINDERS:
        for kind, start, end, why in finder(folded):
            begin, stop = (start, end) if places is None else (places[start], places[end - 1] + 1)
            if places is not None and end < len(places):
                stop = max(stop, places[end])
            found.append(Finding(kind, begin, stop, text[begin:stop], why))
    return _without_overlaps(found)


def normal(words: str) -> str:
    """Return words as they are compared: width, blanks and line ends make no difference."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", words)).casefold()


def letters(text: str) -> tuple[str, list[int]]:
    """Return the letters of a text as `normal` compares them, and the place in the text of each."""
    shown, places = [], []
    for at, letter in enumerate(text):
        folded = "".join(unicodedata.normalize("NFKC", letter).split()).casefold()
        shown.append(folded)
        places += [at] * len(folded)
    return "".join(shown), places


def author(name: str) -> list[Finding]:
    """Return a file's author as a finding when it looks like a person and not like an office or a program."""
    folded = unicodedata.normalize("NFKC", name).strip()
    if re.fullmatch(rf"{_HAN}{{1,4}}[ ]?{_HAN}{{1,3}}|{_HAN}{{1,3}} [ぁ-んァ-ヴー]{{1,5}}", folded) and _is_name(
        folded
    ):
        return [Finding("author", 0, len(name), name, WHYS[0])]
    return []


# -- reading in NFKC ---------------------------------------------------------------------------------------------------


class _Folds(dict[int, str]):
    """What each character becomes; learned as it is met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = "-" if chr(code) in "‐‑‒–—―−" else unicodedata.normalize("NFKC", chr(code))
        return folded


_FOLDS = _Folds()
_HALF_WIDTH = re.compile(r"[ｦ-ﾝ][ﾞﾟ]")


def _folded(text: str) -> tuple[str, list[int] | None]:
    """Return the text to search and, unless places stay the same, the place in the original for each character."""
    if not _HALF_WIDTH.search(text):
        folded = text.translate(_FOLDS)
        if len(folded) == len(text):
            return folded, None
    pieces, places, at = [], [], 0
    while at < len(text):
        width = 2 if _HALF_WIDTH.match(text, at) else 1
        piece = _FOLDS[ord(text[at])] if width == 1 else unicodedata.normalize("NFKC", text[at : at + 2])
        pieces.append(piece)
        places += [at] * len(piece)
        at += width
    return "".join(pieces), [*places, len(text)]


def _without_overlaps(found: Sequence[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end - one.start > kept[-1].end - kept[-1].start:
            kept[-1] = one
    return kept


# -- names -------------------------------------------------------------------------------------------------------------

_HAN = r"[一-龥々〆ヶ]"
_KANA = r"[ぁ-んァ-ヴー]"
_HONORIFIC = re.compile(r"[ ]?(様|さん|さま|氏|殿|ちゃん|くん)")
_NOT_AFTER = re.compile(r"(様)(式|々|子|相|態|な|に)|氏(名|子|神|族)")
_BEFORE = re.compile(
    rf"({_HAN}{{1,6}}[ ]{{1,2}}(?:{_HAN}{{1,3}}|{_KANA}{{1,5}})|{_HAN}{{1,6}}{_KANA}{{1,4}}{_HAN}?|{_HAN}{{1,6}}|[ァ-ヴー]{{2,6}}(?:[ ・][ァ-ヴー]{{2,6}})?)$"
)
_NOT_A_PERSON = re.compile(
    r"(者|師|士|員|家族|客|皆|各位|団体|法人|会|室|所|院|局|課|係|部|署|店|社|区|市|町|村|府|県|国|長|主任|役|職|医|科|方|親|母|父|兄|姉|弟|妹|娘"
    r"|息子|妻|夫|嫁|孫|爺|婆|奥|旦那|神|仏|同|一|両|諸|仕|模|異|有|態|生徒|学生|本人|当人|人|主|先|側|隊|組|校|園|館|庁|委託|窓口|事務|薬局|病棟"
    r"|病院|センター|ステーション|チーム|ヘルパー|ケアマネ|ケアマネジャー|スタッフ|ナース|ドクター|ワーカー|サービス|クリニック|ホーム|グループ"
    r"|メーカー|ドライバー|ボランティア|リーダー|オーナー|マネージャー|デイ|多|彼|某|貴|御中|何|訪看|包括|職員|女性|男性|業|(?:^|[女男息母親王双園])子|(?:^|お)子|^王"
    r"|天王寺|阿倍野|住之江|住吉|東成|都島|此花|大正|浪速|淀川|西成|城東|中央|サロン|ケア|ホスト|クラブ|カフェ|デイケア|レディ|ゲスト|ユーザー|メンバー|プロ|ママ|パパ)$"
)


@cache
def _surnames() -> tuple[frozenset[str], int]:
    names = frozenset((Path(__file__).parent / "surnames.txt").read_text(encoding="utf-8").split())
    return names, max(map(len, names))


def _surname_at(run: str, *, least: int = 2) -> int:
    """Return where a surname begins in a run of 漢字 so that it and at most three more reach the end, or -1."""
    names, longest = _surnames()
    for start in range(len(run)):
        for width in range(min(longest, len(run) - start), 0, -1):
            whole = start == 0 or width >= least
            if whole and run[start : start + width] in names and len(run) - start - width <= 3:
                return start
    return -1


def _is_name(stem: str) -> bool:
    first = re.split(r"[ ぁ-んァ-ヴー]", stem)[0] or stem
    if _surname_at(first) == 0:
        return not _NOT_A_PERSON.search(stem[1:]) or stem in _surnames()[0] or stem.endswith(("子", "人"))
    return not _NOT_A_PERSON.search(stem) and not _NOT_A_PERSON.search(first)


def _names(text: str) -> _Found:
    """Find names before 様, さん, 氏 and, after them, ages."""
    for found in _HONORIFIC.finditer(text):
        if _NOT_AFTER.match(text, found.start(1)):
            continue
        before = _BEFORE.search(text, max(0, found.start() - 14), found.start())
        if before is None or (start := _name_start(before[1])) < 0:
            continue
        yield "name", before.start() + start, found.end(), WHYS[1]
        if age := _AGE.match(text, found.end()):
            yield "age", before.start() + start, _closed(text, found.end(), age.end()), WHYS[2]


def _name_start(run: str) -> int:
    """Return where a name begins in what stands before an honorific, or -1 when it is none."""
    first = re.split(r"[ ぁ-んァ-ヴー]", run)[0]
    if re.fullmatch(r"[ァ-ヴー ・]+", run):
        return 0 if len(run) >= 3 and not _NOT_A_PERSON.search(run) else -1
    if _is_name(run) and len(first) <= 3:
        return 0 if len(first) > 1 or first in _surnames()[0] else -1
    start = _surname_at(first)
    return start if start >= 0 and _is_name(run[start:]) else -1


_AGE = re.compile(r"[ (、,]{0,2}(?:男性?|女性?)?[・、, ]?満?(\d{1,3})[歳才](?!以上|未満|以下|代|から|時)")
_NAME_AND_AGE = re.compile(
    rf"({_HAN}{{2,5}}(?:[ ](?:{_HAN}{{1,3}}|{_KANA}{{1,5}}))?)[ ]?[(、,](?:(?:男性?|女性?)[・、, ]?)?\d{{1,3}}[歳才](?!以上|未満|以下|代|から|時)"
)


def _closed(text: str, start: int, end: int) -> int:
    """Return the end of a finding, past the bracket that was opened in it."""
    rest = _BRACKET.match(text, end) if "(" in text[start:end] else None
    return rest.end() if rest else end


_BRACKET = re.compile(r"[^()\n]{0,8}\)")


def _names_with_age(text: str) -> _Found:
    """Find a name without an honorific that an age follows: 前田次郎（67歳）."""
    for found in _NAME_AND_AGE.finditer(text):
        first = found[1].split(" ")[0]
        start = _surname_at(first)
        if start >= 0 and (len(found[1]) - start >= 3) and not _NOT_A_PERSON.search(re.sub("[子人]$", "", found[1])):
            yield "age", found.start() + start, _closed(text, found.start(), found.end()), WHYS[2]


# -- filled-in fields of sheets ----------------------------------------------------------------------------------------

_WHO = (
    r"患者|利用者|ご?本人|対象者|被保険者|入所者|入居者|入院患者|療養者|申請者|家族|主?介護者|キーパーソン|代理人|後見人|緊急連絡先|連絡先"
    r"|主治医|かかりつけ医|担当医|担当(?:ケアマネ(?:ジャー)?|CM|者)|ケアマネ(?:ジャー)?|介護支援専門員"
)
_LABEL = re.compile(
    rf"(?:(?:{_WHO})[ ]?(?:の)?(?:氏名|名前|名|様)?|(?<![一-龥])氏[ ]?名|お?名前|ふりがな|フリガナ)(?:\((?:ふりがな|フリガナ|自署)\))?[ \t]*[:|\])】」→ \t(]+[ \t]*"
)
_PERSON = re.compile(
    rf"({_HAN}{{1,4}}[ ]?(?:{_HAN}{{1,4}}|{_KANA}{{2,5}})|[ァ-ヴー]{{2,6}}[ ][ァ-ヴー]{{2,6}}|[ぁ-ん]{{2,6}}[ ][ぁ-ん]{{2,6}})(?=[ \t\n)|(/、。,\]】]|先生|医師|様|印|$)"
)
_HEADS = re.compile(
    r"(所属|職種|区分|住所|電話|番号|性別|年齢|生年|備考|役職|続柄|要介|病名|印|欄|記入|様式|確認|一覧|必須|未定|未記入|同上|同左|別紙|不明|長女|長男|次女|次男|三女|三男"
    r"|訪問|薬局|病院|氏名|名前|希望|意向|説明|同意|連絡|支援|事業|介護|看護|医療|情報|機関|名簿|関係|相談|在宅|退院|入院|共有|担当|方法|内容|検討)"
)


def _sheet_fields(text: str) -> _Found:
    """Find fields of a sheet that were filled with a name: 患者氏名：…"""
    for label in _LABEL.finditer(text):
        value = _PERSON.match(text, label.end())
        if value is None or _HEADS.search(value[1]):
            continue
        name = re.sub(r"[ ]?(先生|医師|様|氏)$", "", value[1])
        strong = _surname_at(name.split(" ")[0]) == 0 or re.fullmatch(
            rf"[ぁ-んァ-ヴー ]+|{_HAN}{{1,3}}[ァ-ヴー]{{2,4}}", name
        )
        if strong or ("名" in label[0] and _is_name(name)):
            yield "sheet", label.end(), label.end() + len(name), WHYS[3]


# -- days of birth -----------------------------------------------------------------------------------------------------

_ERA = r"(?:明治|大正|昭和|平成|令和|[明大昭平令](?=\d)|[MTSHR]\.?)[ ]?(?:\d{1,2}|元)"
_DATE = rf"(?:{_ERA}|(?:18|19|20)\d\d)[ ]?[年./\-][ ]?\d{{1,2}}[ ]?[月./\-][ ]?\d{{1,2}}[ ]?日?"
_BIRTH = r"生(?:まれ)?(?![一-龥じ])|うまれ"
_BORN = (
    (re.compile(rf"(?:生年月日|誕生日|DOB)[^\d\n]{{0,8}}?({_DATE})"), WHYS[4]),
    (re.compile(rf"({_DATE}[ ]?)(?={_BIRTH})"), WHYS[5]),
    (re.compile(r"(?<![\d年])(\d{1,2}[ ]?年[ ]?\d{1,2}[ ]?月[ ]?\d{1,2}[ ]?日[ ]?)(?=生(?:まれ)?(?![一-龥]))"), WHYS[5]),
    (re.compile(rf"({_ERA}[ ]?年[ ]?\d{{1,2}}[ ]?月)(?=生まれ|うまれ)"), WHYS[5]),
    (re.compile(r"(?:様|さん|氏)[ ]?\(((?:明治|大正|昭和|[MTS]\.?)[ ]?\d{1,2}[年./\-]\d{1,2}[月./\-]\d{1,2}日?)\)"), WHYS[6]),
)  # fmt: skip


def _births(text: str) -> _Found:
    for pattern, why in _BORN:
        yield from (("birth", *found.span(1), why) for found in pattern.finditer(text))


# -- numbers -----------------------------------------------------------------------------------------------------------

_GAP = r"[ \-ー)(.]{0,3}"
_MOBILE = re.compile(rf"(?<!\d)0[789]0{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{1,4}[\-ー)(]{1,2}\d{1,4}[\-ー)(]{1,2}\d{4}(?!\d)")
_OFFICE_MOBILE = re.compile(
    r"(公用|業務用?|社用|当番|オンコール|相談室|支援室|事業所|ステーション|窓口|代表)の?(携帯)(電話)?(番号)?[: は]*$"
)
_PERSONAL_LINE = re.compile(
    r"(自宅|実家|本人|家族|長男|長女|次男|次女|三男|三女|妻|夫|娘|息子|父|母|姉|妹|兄|弟|嫁|キーパーソン|緊急連絡先)[^。\n]{0,14}$"
)


def _phones(text: str) -> _Found:
    """Find mobile numbers, and others that are said to be a person's; an office's own numbers are no secret."""
    for found in _MOBILE.finditer(text):
        if not _OFFICE_MOBILE.search(text, max(0, found.start() - 20), found.start()):
            yield "phone", *found.span(), WHYS[7]
    for found in _LANDLINE.finditer(text):
        if _PERSONAL_LINE.search(text, max(0, found.start() - 22), found.start()):
            yield "phone", *found.span(), WHYS[8]


_LABELLED = re.compile(
    r"(?:被保険者証?(?:の)?(?:記号)?番号|被保番号?|介保(?:番号)?|(?<!被)保険証の?(?:記号)?番号|受給者(?:証)?番号|診察券(?:番号|No\.?)?|カルテ(?:番号|No\.?|ID)?|患者(?:番号|No\.?|ID)|利用者(?:番号|ID))"
    r"[^\d\n]{0,5}?((?<![A-Za-z])H?\d[\d \-]{4,12}\d)(?!\d)",
    re.IGNORECASE,
)
_TWELVE = re.compile(r"(?<![\d\-])\d{4}([ \-ー]?)\d{4}\1\d{4}(?![\d\-])")
_SAYS_MY_NUMBER = re.compile(r"(マイナンバー|個人番号)[^\d\n]{0,12}$")
_OTHER_NUMBER = re.compile(r"(報告|受付|管理|伝票|整理|口座|登録|文書|通し|注文)番号[^\d\n]{0,6}$")


def _numbers(text: str) -> _Found:
    for found in _LABELLED.finditer(text):
        yield "insured", *found.span(1), WHYS[9]
    for found in _TWELVE.finditer(text):
        around = (text, max(0, found.start() - 18), found.start())
        if _SAYS_MY_NUMBER.search(*around) or (checks(found[0]) and not _OTHER_NUMBER.search(*around)):
            yield "my_number", *found.span(), WHYS[10]


def checks(number: str) -> bool:
    """Say whether the last of twelve digits is the check digit of a My Number."""
    digits = [int(one) for one in number if one.isdecimal()]
    total = sum(digit * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(digits[:-1]), 1))
    return digits[-1] == (0 if total % 11 <= 1 else 11 - total % 11)


# -- addresses ---------------------------------------------------------------------------------------------------------

_STREET = re.compile(
    r"\d{1,2}[ ]?(?:丁目|-)[ ]?\d{1,3}(?:[ ]?(?:番地?の?|-)[ ]?\d{1,4}号?)?番?地?(?:-\d{1,2})?(?!\d)"
    r"(?P<room>[ ]?[一-龥ァ-ヴーA-Za-z・]{0,15}?[ ]?(?:\d{1,2}号?棟)?[ -]?\d{1,4}号室|-\d{3,4}号室?|(?<=-\d{3})号|(?<=-\d{4})号)?"
)
_FLAT = re.compile(
    r"(?:住宅|団地|ハイツ|コーポ|荘|マンション|アパート|メゾン)[一-龥ァ-ヴー]{0,8}[ ]?\d{1,3}(?:号?棟[ ]?\d{1,4}号?室|-\d{2,4}(?:号室)?)"
)
_PLACE = re.compile(r"[一-龥々ヶぁ-んァ-ヴー]{1,18}$")
_PARTICLES = re.compile(r"(?:[はがをにへでとのも:、 (]+(?=[一-龥]))?")
_HOME = re.compile(r"(自宅|実家|住所|居所|居住|住まい|宅\(|様宅|退院先)[^。\n]{0,24}$")
_OFFICE = re.compile(
    r"区役所|市役所|センター|病院|医院|クリニック|薬局|事業所|ステーション|会館|法人|支援室|診療所|会場|郵便局|集会所|施設|会議室|所在地|事務所"
)


def _addresses(text: str) -> _Found:
    """Find addresses with a room, or said to be somebody's home; those of offices are public."""
    for found in _STREET.finditer(text):
        place = _PLACE.search(text, max(0, found.start() - 18), found.start())
        begin, end = text.rfind("\n", 0, found.start()) + 1, text.find("\n", found.end())
        line = text[begin : end if end >= 0 else len(text)]
        if place is None or _OFFICE.search(line):
            continue
        home = _HOME.search(text, max(0, found.start() - 40), found.start())
        if found["room"] or (home and re.search(r"丁目|[区市町村]", place[0] + found[0])):
            start = home.end(1) if home and home.end(1) > place.start() else place.start()
            start += len(_PARTICLES.match(text, start)[0])  # type: ignore[index]
            yield "address", start, found.end(), WHYS[11]
    for found in _FLAT.finditer(text):
        yield "address", *found.span(), WHYS[12]


# -- mail --------------------------------------------------------------------------------------------------------------

_MAIL = re.compile(
    r"[A-Za-z0-9._%+\-]{1,64}(?:@|[(\[]at[)\]])(?:gmail\.com|(?:ymail|yahoo|hotmail|outlook|live|msn)\.(?:com|jp|co\.jp|ne\.jp)|icloud\.com|me\.com|mac\.com|aol\.com"
    r"|docomo\.ne\.jp|ezweb\.ne\.jp|au\.com|(?:i\.)?softbank\.(?:ne\.)?jp|[a-z]\.vodafone\.ne\.jp|ymobile(?:1)?\.(?:ne\.)?jp|uqmobile\.jp|rakuten\.jp"
    r"|nifty\.com|(?:[a-z0-9]+\.)?(?:ocn|biglobe|so-net|eonet|zaq|dion|plala\.or|ybb|asahi-net\.or|odn|hi-ho|wakwak)\.(?:ne\.)?jp)",
    re.IGNORECASE,
)


def _mails(text: str) -> _Found:
    for found in _MAIL.finditer(text):
        yield "email", *found.span(), WHYS[13]


_FINDERS: tuple[_Finder, ...] = (_names, _names_with_age, _sheet_fields, _births, _phones, _numbers, _addresses, _mails)
