"""The people of the demo and the places they work at. Every name is put together by chance."""

import hmac
import random
from collections.abc import Sequence
from dataclasses import dataclass

import tenants
from portal.security.identity import Role

FAMILY = (
    "髙橋", "山﨑", "渡邉", "渡邊", "齋藤", "斉藤", "𠮷村", "濵田", "德永", "廣瀬", "櫻井", "藪内", "瀧本", "黒﨑", "邊見", "澤井", "嶋田", "荻野",
    "小谷", "西岡", "北條", "浅井", "芦田", "今西", "植松", "榎本", "大槻", "岡野", "奥村", "柏木", "河内", "木下", "久保", "倉田", "古賀", "榊原",
    "酒井", "笹川", "塩見", "杉原", "高松", "竹内", "谷口", "塚本", "寺西", "中谷", "永井", "成田", "野上", "橋爪", "原口", "福井", "藤本", "堀江",
    "前川", "松下", "三宅", "宮本", "村井", "森脇", "安田", "矢野", "横山", "和田",
)  # fmt: skip
GIVEN = (
    "明子", "和也", "香織", "健一", "恵子", "浩二", "彩", "真由美", "大輔", "千尋", "徹", "直美", "信行", "春香", "秀樹", "裕子", "誠", "美咲", "康夫",
    "結衣", "隆", "麻衣", "修", "玲子", "拓也", "陽子", "淳", "由紀", "亮", "久美子", "翔太", "智子", "茂", "早苗", "豊", "志保",
)  # fmt: skip
PLACES = (
    "みどり坂", "ひだまり", "あおぞら", "こもれび", "花みずき", "やまぶき", "すずかけ", "さざなみ", "なのはな", "あかね", "つばき", "ゆりのき", "さくら坂",
    "はるかぜ", "しらさぎ", "ひいらぎ", "あじさい", "くすのき", "いちょう", "まつかぜ", "せせらぎ", "わかば", "ふじなみ", "たちばな",
)  # fmt: skip
_WORDS = (
    "asagao himawari kosumosu tsubaki ajisai sumire renge nadeshiko kikyou yamabuki hagi susuki tanpopo tsukushi momiji ichou "
    "hibari tsubame suzume shirasagi uguisu mejiro kawasemi kamome sekirei komadori chidori hayabusa "
    "yuuyake asayake nijiiro komorebi sazanami harukaze natsuzora akibare kogarashi minamikaze tsukiyo hoshizora "
    "mikan ringo budou suika kabocha satsuma daikon ninjin tamanegi gobou shiitake wakame"
).split()

SECOND_COORDINATOR = "higashinari"
"""The ward people try first has two coordinators, so that two editors can meet."""
TWO_ROLES = (("higashinari", Role.COORDINATOR), ("ikuno", Role.RESPONSIBLE))


@dataclass(frozen=True)
class Person:
    """One account of the demo."""

    login: str
    name: str
    profession: str
    roles: tuple[tuple[str, Role], ...]


def everybody() -> list[Person]:
    """Return the people who get accounts, in the order of the list: 東成区 first, then the city, then the other wards."""
    first = [ward for ward in tenants.all_wards() if ward.slug == SECOND_COORDINATOR]
    others = [ward for ward in tenants.all_wards() if ward.slug != SECOND_COORDINATOR]
    people = [*_of_ward(first[0].slug), *_second_coordinator(), *_of_city()]
    for ward in others:
        people += _of_ward(ward.slug)
    return people


def _of_ward(ward: str) -> list[Person]:
    names = iter(invented_names(random.Random(f"office {ward}"), 3))
    professions = {
        Role.COORDINATOR: random.Random(ward).choice(("看護師", "社会福祉士", "保健師", "介護支援専門員")),
        Role.RESPONSIBLE: "医師",
        Role.WARD_OFFICE: "保健師",
    }
    return [Person(_login(ward, role), next(names), work, ((ward, role),)) for role, work in professions.items()]


def _second_coordinator() -> list[Person]:
    names = invented_names(random.Random("second"), 2)
    second = Person(
        f"{SECOND_COORDINATOR}-coordinator-2", names[0], "介護支援専門員", ((SECOND_COORDINATOR, Role.COORDINATOR),)
    )
    return [second, Person("two-roles", names[1], "看護師", TWO_ROLES)]


def _of_city() -> list[Person]:
    roles = (Role.BUREAU, Role.BUREAU_ADMIN, Role.SYSTEM_ADMIN, Role.AUDITOR)
    names = invented_names(random.Random("city"), len(roles))
    return [
        Person(_login(tenants.CITY, role), name, "事務職員", ((tenants.CITY, role),))
        for role, name in zip(roles, names, strict=True)
    ]


def _login(ward: str, role: Role) -> str:
    return f"{ward}-{role.replace('_', '-')}"


def password_of(role: Role, secret: str) -> str:
    """Return the password of everybody in a role: the same for the life of a site, another on every site."""
    chance = random.Random(hmac.digest(secret.encode(), f"demo {role}".encode(), "sha256"))
    return "-".join([*chance.sample(_WORDS, 3), str(chance.randint(10, 99))])


def invented_names(chance: random.Random, count: int) -> list[str]:
    """Return different names, family name first, with a 全角 blank between."""
    families, givens = chance.sample(FAMILY, count), [chance.choice(GIVEN) for _ in range(count)]
    return [f"{family}　{given}" for family, given in zip(families, givens, strict=True)]


@dataclass(frozen=True)
class Attendee:
    """One person who comes to meetings."""

    affiliation: str
    profession: str
    name: str
    group: str

    def row(self, **more: object) -> dict[str, object]:
        """Return the person as a row of 出席者."""
        return {
            "affiliation": self.affiliation,
            "profession": self.profession,
            "name": self.name,
            "group": self.group,
            "deputy": False,
            **more,
        }


@dataclass(frozen=True)
class Town:
    """One ward as its meetings know it: the places, and the people who meet."""

    ward: tenants.Ward
    places: dict[str, str]
    coordinator: Attendee
    people: tuple[Attendee, ...]

    @property
    def doctors(self) -> str:
        """What the ward's 医師会 is called."""
        return self.ward.contractors[0].removeprefix("一般社団法人").removeprefix("公益社団法人")


def town_of(ward: tenants.Ward, coordinator: Person) -> Town:
    """Return the places and people of a ward, the same each time."""
    chance = random.Random(f"town {ward.slug}")
    names = chance.sample(PLACES, 5)
    places = {
        "hospital": f"{names[0]}病院",
        "other": f"{names[1]}総合病院",
        "station": f"{names[2]}訪問看護ステーション",
        "pharmacy": f"{names[3]}薬局",
        "care": f"{names[4]}ケアプランセンター",
    }
    own = Attendee(ward.office, coordinator.profession, coordinator.name, "相談支援室")
    seats = _seats(ward, places)
    people = [
        Attendee(*seat[:2], name, seat[2]) for seat, name in zip(seats, invented_names(chance, len(seats)), strict=True)
    ]
    return Town(ward, places, own, tuple(people))


def _seats(ward: tenants.Ward, places: dict[str, str]) -> Sequence[tuple[str, str, str]]:
    return (
        (ward.contractors[0], "医師", "医療"),
        (f"{places['hospital']} 地域連携室", "医療ソーシャルワーカー", "医療"),
        (f"{places['hospital']} 看護部", "看護師", "医療"),
        (f"{places['other']} 入退院支援センター", "医療ソーシャルワーカー", "医療"),
        (places["station"], "訪問看護師", "医療"),
        (f"{ward.name}訪問看護ステーション連絡会", "訪問看護師", "医療"),
        (places["pharmacy"], "薬剤師", "医療"),
        (f"{ward.name}歯科医師会", "歯科医師", "医療"),
        (f"{ward.name}歯科医師会", "歯科衛生士", "医療"),
        (places["care"], "主任介護支援専門員", "介護"),
        (f"{ward.name}居宅介護支援事業者連絡会", "介護支援専門員", "介護"),
        (f"{ward.name}地域包括支援センター", "社会福祉士", "介護"),
        (f"{ward.name}地域包括支援センター", "保健師", "介護"),
        (f"{ward.name}介護サービス事業所連絡会", "介護福祉士", "介護"),
        (f"{ward.name}役所 保健福祉課", "保健師", "行政"),
        (f"{ward.name}役所 保健福祉課", "事務職員", "行政"),
        (f"{places['other']} リハビリテーション科", "理学療法士", "医療"),
        (f"{places['hospital']} 栄養科", "管理栄養士", "医療"),
    )
