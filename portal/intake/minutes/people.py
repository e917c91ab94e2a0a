"""Names out of the ways attendees are written down: run on with 、, one a line, grouped by office, in columns, with marks.

Affiliations, honorifics and roles in brackets are taken off; a mark of absence moves the name to the absent; （記） behind a
name tells who wrote the minutes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from portal.intake.minutes.labels import BULLETS, fold

_ORGANISATION = re.compile(
    r"株式会社|有限会社|合同会社|[(（]株[)）]|^[(（][有社福医一財]{1,2}[)）]|[㈱㈲]|法人|会社$|大学|研究所|研究室|病院|医院|診療所|クリニック|薬局|役所|役場|医師会|歯科医師会|薬剤師会"
    r"|センター|協会|の会$|\S{3,}会$|ステーション|連合会|連絡会$|協議会|組合|支援室|事業所|事業者|福祉会|会館|工業|製作所|電機|自治会|町会$|町内会|老人ホーム|ホーム$|ステ$|包括$|大阪市|\S{2,}[都府県市区省庁]$"
    r"|Foundation|Inc\.?$|Ltd|Corp|Co\.|Group$|GmbH|University|\S{2,}[局課係班署室所社院館園校]$|\S{3,}部$|グループ$|チーム$"
)
_GROUP_WORD = re.compile(
    r"^(?:委員|委員等|事務局|行政|市側|区側|区役所|市会議員|市会議員等|議員|オブザーバー?|関係者|関係機関|傍聴|医療|介護|学識経験者|有識者|各区|各社|[社院庁館課局区市町校所施学部][内外]部?|自社|他社|当院|当社|当施設|貴社"
    r"|顧客|先方|当方|弊社|御社|講師|来賓|ゲスト|会場|オンライン|Web|WEB|web|Zoom|リモート|対面|現地|職員|出席|参加|出席者|参加者|出席委員|代理出席|司会|進行|座長|議長|副議長|会長|副会長|委員長|副委員長"
    r"|書記|記録|記録者|監事|理事|事務局員|コーディネーター|看護師|保健師|医師|歯科医師|薬剤師|ケアマネジャー|ケアマネ|介護支援専門員|相談員|MSW|室長|氏名|名前|理事者|説明員|説明者|関係職員|幹事|会計|役員|顧問|班長|協力員|役職|所属|職種|備考|出欠|参加方法|No\.?|番号)"
    r"[等側]?$"
)
_NOISE = re.compile(
    r"^(?:敬称略.*|順不同.*|五十音順.*|以下敬称略.*|以上.*|計|合計|ほか|他|など|等|なし|無し|無|該当なし|特になし|いない|-|ー|―|.{0,12}[0-9０-９]+\s*[名人社団体か所]+.*|[0-9０-９.．]+|別紙.*|別添.*|末尾.*|下記.*|上記.*"
    r"|.*(?:のとおり|の通り|参照|に記載|に掲載|名簿))$"
)
_NOBODY = re.compile(r"^(?:なし|無し|無|該当なし|該当者なし|特になし|いない|ありません|0名|0人|ゼロ|[-－ー―]|なし。)$")
_ELSEWHERE = re.compile(r"末尾|別紙|別添|別表|名簿|下記|後述|参照|のとおり|の通り|に記載|に掲載|以下に")
_BRACKET = re.compile(r"[ \u3000]*[（(〔［\[]([^（()）〔〕［］\[\]]{0,40})[)）〕］\]]")
_WRITER = re.compile(r"^(?:議事録?|議事録担当|議事録作成|記録?|記録者|記録係|書記|作成者?|文責|筆記|記載|担当)$")
_ABSENT = re.compile(r"^(?:欠席?|欠席者|不参加|不在|✗|×)$")
_CHECKED, _UNCHECKED = re.compile("[☑✅🗹]"), re.compile("[□☐]")
_OTHERS = re.compile(r"[ \u3000]*(?:他|ほか|外|以下|等|計)[ \u3000]*[0-9０-９]+[ \u3000]*[名人]$")
_SYMBOL = re.compile("[「」『』【】〔〕―—：:；;。！？…]")
_ROLES = frozenset(
    "主催 共催 司会 進行 記録 発表 報告 説明 遅刻 早退 途中 電話 代理 幹事 顧問 来賓 会計 庶務 総務 広報 担当 兼務 新任 退任".split()
)
_SHORT_BODIES = frozenset(
    "区 市 町 村 府 県 国 社 院 医 歯 薬 看 主 副 長 本 社協 基幹 訪看 居宅 包括 行政 本庁 家族".split()
)
_MARK_WORD = re.compile(r"^(?:出席?|欠席?|代理出席|会場|オンライン|Web|WEB|web|Zoom|リモート|不参加|参加)$")
_GROUP_BRACKET = re.compile(
    r"^[ \u3000]*(?:[（(〔［\[【＜<《〈「『]([^)）〕］\]】＞>》〉」』]{1,20})[)）〕］\]】＞>》〉」』]|[―—～〜]([^―—～〜]{1,20})[―—～〜])[ \u3000:：]*"
)
_NEXT_GROUP = re.compile(
    r"[ \u3000]+(?=[（(〔［\[【＜<「][^)）〕］\]】＞>」]{1,12}[)）〕］\]】＞>」][^ \u3000、，,）)])"
)
_COURTESY = re.compile(
    r"[ \u3000]*[（(]?(?:以下)?(?:敬称略|順不同|五十音順|50音順)(?:[・、]?(?:敬称略|順不同|五十音順))*[)）]?[ \u3000]*$"
)
_RULED_HEAD = re.compile(r"[―—～〜\-－].+[―—～〜\-－]")
_HEAD_COUNT = re.compile(r"[（(〔［\[][ \u3000]*[0-9０-９]+[ \u3000]*[名人][ \u3000]*[)）〕］\]]$")
_HONORIFIC = re.compile(r"(?<=\S\S)[ \u3000]*(?:さん|氏|様|殿|先生|くん)$")
_OFFICE_END = re.compile("教頭$|校長$|園長$|[会部課室所院局]長$")
_ENGLISH = re.compile(r"^(?:Mr|Ms|Mrs|Dr|Prof)\.?\s*")
_DASH = re.compile(r"[ \u3000\t]+[-–—―－][ \u3000\t]*|[ \u3000\t]*[-–—―－][ \u3000\t]+")
_SEPARATOR = re.compile(r"[、，,;；]|[/／](?![0-9])|\t|[ \u3000]{2,}|\n")
_KANJI = r"[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\U00020000-\U0003ffff々〆ヶ]"
_LETTER = re.compile(rf"{_KANJI}|[ぁ-んァ-ヶA-Za-z]")
_IS_KANJI = re.compile(rf"{_KANJI}+")
_SURNAME = re.compile(rf"{_KANJI}{{1,3}}")
_GIVEN_AND_OFFICE = re.compile(
    rf"(?!(?:事務|総務|福祉|高齢|介護|保健|健康|地域|医療|生活|子育|障害|企画|政策|財政|税務|市民|区政|区民|教育|学校|社会|環境|防災|危機|管理|看護|病棟|主任|担当|副|総)){_KANJI}{{1,3}}"
    r"(?:高齢|福祉|介護|保健|健康|地域|医療|生活|総務|企画|市民|区政|教育|社会|環境|防災|危機)\S{0,8}(?:課|部|係|局|室)長(?:代理|補佐)?"
)
_FULL_NAME = re.compile(rf"{_KANJI}{{1,4}}[ \u3000]+(?:{_KANJI}{{1,3}}|[ぁ-んァ-ヶー]{{1,5}})")
_NAME_AT_END = re.compile(
    rf"(?<=[ \u3000\t])({_KANJI}{{1,4}}[ \u3000](?:{_KANJI}{{1,3}}|[ぁ-んァ-ヶー]{{1,5}}))[ \u3000]*$"
)
_ABSENT_BRACKET = re.compile(r"[（(]欠席者?[：: \u3000]+([^（()）]+)[)）]")
_KANA_NAMES = re.compile(r"[ぁ-んァ-ヶー]{2,6}(?:[ \u3000][ぁ-んァ-ヶー]{2,6}){2,}")
_SURNAMES = re.compile(rf"{_KANJI}{{1,3}}(?:[ \u3000]{_KANJI}{{1,3}}){{2,}}")
_OFFICE_ALONE = re.compile(
    r"(?:保健|福祉|総務|企画|政策|健康|市民|区民|教育|介護|高齢|障が?い|事業|地域|管理|生活|政策|担当|同)\S{0,10}[課部係局室]長(?:代理|補佐)?|同"
)
_SHORT_NAME = re.compile(rf"(?:{_KANJI}|[ヶノのツ]){{1,6}}|{_KANJI}{{1,3}}[ぁ-んァ-ヶー]{{1,4}}|[ァ-ヶー・]{{2,14}}")
_LATIN = re.compile(r"[A-Za-zÀ-ž.'\-]+(?:[ ][A-Za-zÀ-ž.'\-]+){0,4}")
_TOLD_APART = re.compile(rf"(.+?)[（(]{_KANJI}{{2}}[)）]")
_SENTENCE = re.compile(r"[。！？!?]|(?:した|する|ます|です|ない|いる|こと|について|により|から)$")
_PRESENT_MARKS, _ABSENT_MARKS = frozenset("○〇◯◎✓✔レ"), frozenset("×✕✗✘☓Ⅹ")
_LONGEST = 24


@dataclass(slots=True)
class People:
    """Names in their order, those marked absent, who wrote, and how much of what was read looked like names."""

    present: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    writer: str = ""
    strange: int = 0
    nobody: bool = False

    def certainty(self) -> float:
        """Return the part of the entries that look like names."""
        names = len(self.present) + len(self.absent)
        return names / (names + 2 * self.strange) if names else 0.0


def points_elsewhere(text: str) -> bool:
    """Say whether a text only tells where the names stand: 末尾に記載, 別紙のとおり."""
    return len(text) < 30 and bool(_ELSEWHERE.search(text))


def nobody(text: str) -> bool:
    """Say whether a text says that there is no such person: なし."""
    return bool(_NOBODY.match(fold(text)))


def read_people(lines: list[str]) -> People:
    """Read the names in these lines."""
    found = People()
    if any(_CHECKED.search(line) for line in lines):
        lines = [part for line in lines for part in _UNCHECKED.sub("\n×", _CHECKED.sub("\n", line)).split("\n")]
    lines = _with_brackets_closed(lines)
    lines = _without_bodies(_name_columns([_closed_up(line) for line in lines]))
    lines, away = _without_absentees(lines)
    entries = [entry for line in lines for entry in _entries(line, found)]
    if not entries:
        found.nobody = any(nobody(line) for line in lines)
        return found
    with_offices = _speak_of_offices(entries)
    grouped = _has_office_lines(lines)
    for entry, is_absent in entries:
        for name in filter(_LETTER.search, _names_of(entry, with_offices=with_offices, grouped=grouped)):
            (found.absent if is_absent else found.present).append(name)
    found.absent += away
    if lone := _without_namesakes([*found.present, *found.absent]):
        found.present = [lone.get(name, name) for name in found.present]
        found.absent = [lone.get(name, name) for name in found.absent]
    found.strange += sum(1 for name in (*found.present, *found.absent) if _SYMBOL.search(name))
    found.present = list(dict.fromkeys(found.present))
    found.absent = list(dict.fromkeys(found.absent))
    return found


def _without_namesakes(names: list[str]) -> dict[str, str]:
    """Return the names whose two letters in brackets tell no namesakes apart: they say who somebody is (長男, 包括)."""
    pairs = {name: match for name in names if (match := _TOLD_APART.fullmatch(name))}
    bare = [_TOLD_APART.sub(r"\1", name) for name in names]
    return {name: match[1] for name, match in pairs.items() if bare.count(match[1]) == 1}


def looks_like_person(text: str) -> bool:
    """Say whether a text may be one person's name, with or without an office behind it."""
    text = text.strip(" \u3000\t")
    if not text or len(text) > _LONGEST or _SENTENCE.search(text) or _NOISE.match(text) or _GROUP_WORD.match(text):
        return False
    if _LATIN.fullmatch(text):
        return len(text) > 1
    return bool(_FULL_NAME.fullmatch(text) or _SHORT_NAME.fullmatch(text) or _with_office(text))


def is_organisation(text: str) -> bool:
    """Say whether a text names an office, a company or a body."""
    return bool(_ORGANISATION.search(text.strip()))


def _with_brackets_closed(lines: list[str]) -> list[str]:
    """Join the lines a bracket runs over: a page was full in the middle of it."""
    joined: list[str] = []
    for line in lines:
        before = joined[-1] if joined else ""
        if (
            len(before) < 400
            and len(re.findall("[（(]", before)) > len(re.findall("[）)]", before))
            and re.match("[^（(]{0,20}[）)]", line)
        ):
            joined[-1] += line.strip(" \u3000\t")
        else:
            joined.append(line)
    return joined


def _closed_up(line: str) -> str:
    """Close up a name that is spread over its column, 委　員　　浦　部　　　浩, and take off the office before it."""
    words = re.findall(r"([^ \u3000\t]+)([ \u3000\t]*)", line.strip(" \u3000\t"))
    for taken in (2, 1):
        if len(words) > taken + 1 and _GROUP_WORD.match(office := "".join(word for word, _ in words[:taken])):
            words = words[taken:] if len(office) > 1 else words
            break
    else:
        words = words[1:] if words and words[0][0] == "〃" else words
    letters = [word for word, _ in words]
    if (
        not 3 <= len(letters) <= 5
        or sum(len(word) > 1 for word in letters) > 1
        or not _IS_KANJI.fullmatch("".join(letters))
    ):
        return line
    gaps = [len(gap) for _, gap in words[:-1]]
    widest = gaps.index(max(gaps)) + 1 if len(set(gaps)) > 1 else len(letters) // 2
    return f"{''.join(letters[:widest])} {''.join(letters[widest:])}"


def _name_columns(lines: list[str]) -> list[str]:
    """Keep the columns of full names where rows of cells have others beside them: 長女<tab>星野 光子."""
    rows = [[cell.strip(" \u3000") for cell in line.split("\t")] for line in lines]
    width = len(rows[0]) if rows else 0
    if len(rows) < 2 or width < 2 or any(len(row) != width for row in rows):
        return lines
    share = [sum(1 for row in rows if _FULL_NAME.fullmatch(row[at])) / len(rows) for at in range(width)]
    if max(share) < 0.7 or min(share) > 0.3:
        return lines
    marked = [any(_MARK_WORD.match(row[at]) or len(row[at]) == 1 for row in rows) for at in range(width)]
    kept = [at for at in range(width) if share[at] >= 0.7 or marked[at]]
    return ["\t".join(row[at] for at in kept) for row in rows]


def _without_bodies(lines: list[str]) -> list[str]:
    """Keep the full name a line ends with where several lines begin with bodies and offices: 緑区医師会　　理事　　荒木 誠."""
    bare = {line: match[1] for line in lines if (match := _NAME_AT_END.search(line)) and _begins_with_body(line, match)}
    if not bare or len(bare) + len(alike := _alike(lines, bare)) < 2:
        return lines
    return [bare.get(line) or alike.get(line, line) for line in lines]


def _alike(lines: list[str], bare: dict[str, str]) -> dict[str, str]:
    """Return the names in lines that end with one behind a single word, as those beside them do: 包括　大庭 春."""
    matches = {line: match for line in lines if line not in bare and (match := _NAME_AT_END.search(line))}
    single = {line: match for line, match in matches.items() if len(line[: match.start()].split()) == 1}
    return {line: match[1] for line, match in single.items() if not re.search("[、，,：:]", line)}


def _begins_with_body(line: str, name: re.Match[str]) -> bool:
    words, last = line[: name.start()].split(), name[1].split()[-1]
    if _GROUP_WORD.match(last) or _title(last):
        return False
    return not re.search("[、，,：:]", line) and any(
        is_organisation(word) or _title(word) or re.fullmatch("[A-Z]{2,}|.*[ァ-ヶー]{3,}", word) for word in words
    )


def _without_absentees(lines: list[str]) -> tuple[list[str], list[str]]:
    """Take out those a bracket names as absent: 有田、稲葉（欠席：柏、菊地）."""
    away = [name for line in lines for match in _ABSENT_BRACKET.finditer(line) for name in _split(match[1])]
    return [_ABSENT_BRACKET.sub("", line) for line in lines] if away else lines, [name.strip() for name in away]


def _entries(line: str, found: People) -> list[tuple[str, bool]]:
    """Split a line into entries, each with whether it is marked absent."""
    line = _COURTESY.sub("", line).strip(" \u3000\t")
    if _RULED_HEAD.fullmatch(line):
        return []
    absent_line = line[:1] in _ABSENT_MARKS
    line = line.lstrip(BULLETS + "".join(_ABSENT_MARKS) + " \u3000\t")
    line = re.sub(r"^[(（]?[0-9０-９]{1,2}[)）.．、][ \u3000]*", "", line)
    if _GROUP_BRACKET.match(line) and _NEXT_GROUP.search(line):
        return [entry for part in _NEXT_GROUP.split(line) for entry in _entries(part, found)]
    line = _without_group(line)
    if points_elsewhere(line) or (_SENTENCE.search(line) and len(line) > 25 and "、" not in line[:15]):
        found.strange += 0 if points_elsewhere(line) else 1
        return []
    entries: list[tuple[str, bool]] = []
    for part in _split(line):
        counted = _HEAD_COUNT.sub("", part.strip())
        if counted != part.strip() and (_GROUP_WORD.match(counted) or _title(counted) or is_organisation(counted)):
            found.strange += 1
            continue
        entry, is_absent, is_writer = _without_brackets(part)
        if is_absent and not entry.strip() and entries:
            entries[-1] = (entries[-1][0], True)
        entry = _tidy(entry)
        if entry[-1:] in _ABSENT_MARKS:
            is_absent = True
        entry = entry.strip("".join(_ABSENT_MARKS | _PRESENT_MARKS) + " \u3000")
        if _ABSENT.match(entry) and entries:
            entries[-1] = (entries[-1][0], True)
        if not entry or _NOISE.match(entry) or _MARK_WORD.match(entry):
            found.strange += 1 if re.search(r"\S{4,}[0-9０-９]+[人名]", entry) else 0
            continue
        if is_writer:
            found.writer = _bare(entry)
        entries.append((entry, is_absent or absent_line))
    return entries


def _without_group(line: str) -> str:
    """Take off what stands before the names of a group: （委員等）, 事務局：, Ａ社："""
    while match := _GROUP_BRACKET.match(line):
        line = line[match.end() :]
    head, colon, rest = re.split(r"([：:])", line, maxsplit=1) if re.search("[：:]", line) else (line, "", "")
    if colon and len(head.strip()) <= 20 and not re.search("[、，,]", head):
        return rest.strip(" \u3000\t")
    return line


def _split(line: str) -> list[str]:
    """Split at separators outside brackets."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(line):
        if letter in "（(〔［[":
            depth += 1
        elif letter in "）)〕］]":
            depth = max(0, depth - 1)
        elif depth == 0 and _SEPARATOR.match(line, at):
            parts.append(line[start:at])
            start = at + 1
    parts.append(line[start:])
    return [part for part in parts if part.strip(" \u3000\t")]


def _without_brackets(part: str) -> tuple[str, bool, bool]:
    """Take brackets off an entry: short ones tell namesakes apart and stay, the rest say who or how."""
    is_absent = is_writer = False

    def judged(match: re.Match[str]) -> str:
        nonlocal is_absent, is_writer
        inside = match[1].strip()
        is_absent |= bool(_ABSENT.match(inside))
        is_writer |= any(_WRITER.match(part) for part in re.split("[・、,，/／]", inside))
        namesake = len(inside) <= 2 and _IS_KANJI.fullmatch(inside) and not is_writer and not is_absent
        return (
            match[0].strip()
            if namesake
            and not (
                _GROUP_WORD.match(inside)
                or _title(inside)
                or inside in _ROLES
                or inside in _SHORT_BODIES
                or is_organisation(inside)
            )
            else ""
        )

    office, _, rest = part.partition("（" if "（" in part else "(")
    if rest and (_title(office.strip()) or is_organisation(office)) and (name := _FULL_NAME.match(rest)):
        # 福祉課長（浅野 栞）: here the office stands outside and the name inside.
        return name[0], False, False
    return _BRACKET.sub(judged, part), is_absent, is_writer


def _tidy(entry: str) -> str:
    entry = _OTHERS.sub("", _ENGLISH.sub("", entry.strip(" \u3000\t・")))
    # 2 tokens and a dash: the name is on the side that looks like one.
    if len(sides := _DASH.split(entry)) == 2 and all(side.strip() for side in sides):
        left, right = (side.strip() for side in sides)
        entry = right if is_organisation(left) and not is_organisation(right) else left
    return entry.strip(" \u3000\t・")


def _bare(name: str) -> str:
    name = name.lstrip("@＠")
    bare = _HONORIFIC.sub("", name)
    return name if bare != name and len(bare) > 3 and _with_office(name) and _OFFICE_END.search(bare) else bare


def _with_office(text: str) -> bool:
    """Say whether a text is a name run together with an office: 土肥区政企画担当課長, 髙岡議長."""
    office = r"(?:議長|副議長|会長|副会長|委員長|副委員長|委員|議員|区長|副区長|部長|課長|係長|次長|室長|所長|院長|理事長?|代表|主査|主任|担当|職員|医師|看護師|保健師|師長|相談員|コーディネーター?|センター長|事務局長|管理者|先生|教授)"
    return bool(re.fullmatch(rf"{_KANJI}{{1,4}}[ \u3000]?{_KANJI}{{0,12}}(?:担当)?{office}(?:代理)?", text))


def _speak_of_offices(entries: list[tuple[str, bool]]) -> bool:
    """Say whether two words here mean an office and a surname (ソニー 福地) and not a full name."""
    pairs = [words for entry, _ in entries if len(words := entry.split()) >= 2]
    sure = sum(1 for words in pairs if _is_office_word(words[0]) and not _LATIN.fullmatch("".join(words)))
    full = sum(1 for words in pairs if _FULL_NAME.fullmatch(" ".join(words)) and len("".join(words)) >= 4)
    single = len(entries) - len(pairs)
    return sure > 0 and (sure * 2 >= len(pairs) or single > 0) and sure >= full / 2


def _is_office_word(word: str) -> bool:
    kanji = _IS_KANJI.fullmatch(word)
    return bool(
        is_organisation(word)
        or (kanji and len(word) >= 4)
        or re.fullmatch(rf"(?=.*[ァ-ヶA-Za-z])(?:{_KANJI}|[ァ-ヶーA-Za-z&・]){{2,}}", word)
    )


def _has_office_lines(lines: list[str]) -> bool:
    """Say whether names stand in lines of their own below lines that name their office."""
    own = [line.strip(" \u3000\t") for line in lines if line.strip()]
    alone = [line for line in own if not re.search("[、，,\t：:]", line)]
    offices = sum(1 for line in alone if is_organisation(line) and not looks_like_person(line.split()[-1]))
    full = sum(1 for line in alone if _FULL_NAME.match(line))
    return (offices >= 2 and len(own) > offices) or (full >= 8 and full * 2 > len(own) and len(own) - full >= 3)


def _names_of(entry: str, *, with_offices: bool, grouped: bool) -> list[str]:
    entry = _bare(entry)
    words = entry.split()
    if len(words) > 2 and len(words[0]) == len(words[1]) == 1 and _GROUP_WORD.match(words[0] + words[1]):
        words = [words[0] + words[1], *words[2:]]
    if len(words) >= 2 and (named := _behind_office(words, with_offices=with_offices)) is not None:
        return named
    if (is_organisation(entry) and not _with_office(entry)) or _GROUP_WORD.match(entry):
        return []
    if _OFFICE_ALONE.fullmatch(entry):
        return []
    if _KANA_NAMES.fullmatch(entry) or _SURNAMES.fullmatch(entry):
        return words
    if grouped and not _FULL_NAME.fullmatch(entry) and not (len(words) >= 2 and _LATIN.fullmatch(entry)):
        return []
    head, dot, rest = entry.partition("・")
    if dot and (_GROUP_WORD.match(head) or _title(head)) and not _title(rest):
        return [rest]
    if "・" in entry and all(_IS_KANJI.fullmatch(part) and len(part) <= 4 for part in entry.split("・")):
        return entry.split("・")
    strange = (
        not re.search("[一-鿿々ぁ-んァ-ヶA-Za-z]", entry)
        or len(entry) > _LONGEST
        or _SENTENCE.search(entry)
        or re.search("[0-9０-９]$", entry)
    )
    return [] if strange else [entry]


def _behind_office(words: list[str], *, with_offices: bool) -> list[str] | None:
    """Return the names behind an office or profession in the same entry, or None when there is no office in it."""
    if _LATIN.fullmatch(" ".join(words)):
        return None
    first, rest = words[0], words[1:]
    titled = [word for word in words if is_organisation(word) or _GROUP_WORD.match(word) or _title(word)]
    if len(words) == 2 and _GIVEN_AND_OFFICE.fullmatch(words[1]) and _SURNAME.fullmatch(first):
        return [" ".join(words)]
    if titled and len(titled) < len(words):
        left = [word for word in words if word not in titled]
        whole = _FULL_NAME.fullmatch(" ".join(left))
        if not whole and not all(looks_like_person(word) and not word.isascii() for word in left):
            return []
        return [" ".join(left)] if len(left) <= 2 else left
    if with_offices and (_is_office_word(first) or (len(rest) == 1 and _IS_KANJI.fullmatch(first))):
        return rest
    return None


def _title(word: str) -> bool:
    """Say whether a word alone is an office somebody holds."""
    return bool(
        re.fullmatch(
            r".{0,12}(?:議長|会長|委員長|委員|議員|区長|部長|課長|課長代理|係長|次長|室長|所長|院長|理事長?|代表|主査|主任|医師|看護師|保健師|師長|相談員|コーディネーター|管理者|教授|薬剤師|専門員|福祉士|療法士|長)",
            word,
        )
        and len(word) > 1
    )
