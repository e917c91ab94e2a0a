"""The 24 wards and the city office, against the table of DOMAIN 5a written once more by hand."""

import re

import pytest

import tenants

# In the city's usual order: name, five-digit code, code with check digit, slug, reading.
WARDS = """
北区 27127 271276 kita きたく
都島区 27102 271021 miyakojima みやこじまく
福島区 27103 271039 fukushima ふくしまく
此花区 27104 271047 konohana このはなく
中央区 27128 271284 chuo ちゅうおうく
西区 27106 271063 nishi にしく
港区 27107 271071 minato みなとく
大正区 27108 271080 taisho たいしょうく
天王寺区 27109 271098 tennoji てんのうじく
浪速区 27111 271110 naniwa なにわく
西淀川区 27113 271136 nishiyodogawa にしよどがわく
淀川区 27123 271233 yodogawa よどがわく
東淀川区 27114 271144 higashiyodogawa ひがしよどがわく
東成区 27115 271152 higashinari ひがしなりく
生野区 27116 271161 ikuno いくのく
旭区 27117 271179 asahi あさひく
城東区 27118 271187 joto じょうとうく
鶴見区 27124 271241 tsurumi つるみく
阿倍野区 27119 271195 abeno あべのく
住之江区 27125 271250 suminoe すみのえく
住吉区 27120 271209 sumiyoshi すみよしく
東住吉区 27121 271217 higashisumiyoshi ひがしすみよしく
平野区 27126 271268 hirano ひらのく
西成区 27122 271225 nishinari にしなりく
"""
RETIRED = {"27101", "27105", "27110", "27112"}


def test_the_wards_are_the_24_of_the_city_in_its_usual_order() -> None:
    by_hand = [tuple(line.split()) for line in WARDS.strip().split("\n")]
    assert [(one.name, one.code, one.check_code, one.slug, one.kana) for one in tenants.all_wards()] == by_hand
    assert [one.order for one in tenants.all_wards()] == list(range(1, 25))


def test_the_city_office_is_the_25th_tenant_and_no_ward() -> None:
    assert [one.slug for one in tenants.all_tenants()] == [one.slug for one in tenants.all_wards()] + [tenants.CITY]
    city = tenants.find_ward(tenants.CITY)
    assert (city.name, city.code, city.check_code) == ("健康局", "27100", "271004")


@pytest.mark.parametrize("ward", tenants.all_tenants(), ids=lambda ward: ward.slug)
def test_the_facts_of_a_tenant_are_in_form(ward: tenants.Ward) -> None:
    digits = [int(digit) for digit in ward.code]
    checked = (11 - sum(weight * digit for weight, digit in zip((6, 5, 4, 3, 2), digits, strict=True)) % 11) % 10
    assert ward.check_code == f"{ward.code}{checked}"
    assert ward.code not in RETIRED
    assert re.fullmatch("[a-z]+", ward.slug)
    assert re.fullmatch("[ぁ-ん]+", ward.kana)
    assert ward.office
    assert re.fullmatch(r"06-0000-\d{4}", ward.phone), "only numbers that cannot be anybody's"
    assert bool(ward.contractors) == (ward.slug != tenants.CITY)


def test_a_contract_may_be_held_by_several_bodies() -> None:
    minato = tenants.find_ward("minato")
    assert len(minato.contractors) >= 2
    assert minato.office != "港区在宅医療・介護連携相談支援室"


def test_a_tenant_nobody_knows_is_not_found_and_an_old_record_keeps_its_word() -> None:
    for slug in ("", "27101", "Kita", "北区", "../kita", "sakai"):
        assert tenants.find_ward(slug) is None
    assert tenants.ward_name("sakai") == "sakai"
    assert tenants.ward_name("kita") == "北区"


def test_nothing_is_alike_in_two_tenants() -> None:
    for fact in ("slug", "name", "kana", "code", "check_code", "order", "phone", "office"):
        values = [getattr(one, fact) for one in tenants.all_tenants()]
        assert len(set(values)) == 25, fact
