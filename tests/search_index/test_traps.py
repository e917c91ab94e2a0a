"""What a Japanese office types and what stands in the text are written differently, and still meet."""

import pytest

from search_index.engine import Engine, Home
from search_index.normalise import verbatim
from tests.search_index.office import found, make_entry

# Each row: spellings that must find one another.
SPELLINGS = """
ケアマネジャー ｹｱﾏﾈｼﾞｬｰ ケアマネージャー ケアマネ 介護支援専門員
123号室 １２３号室
ACP ＡＣＰ acp 人生会議
株式会社みどり ㈱みどり (株)みどり （株）みどり
令和7年 ㋿7年 令和７年 2025年
①議題 1議題
Ⅱ期 II期
10kg 10㎏
コンピュータ コンピューター
サーバ サーバー
ユーザ ユーザー
センター ｾﾝﾀｰ センタ
コーディネーター コーディネータ ｺｰﾃﾞｨﾈｰﾀｰ
リハビリテーション ﾘﾊﾋﾞﾘﾃｰｼｮﾝ リハビリ
エレベーター エレベータ
フォルダー フォルダ
プリンター プリンタ
ヘルパー ヘルパ
打ち合わせ 打合せ 打合わせ
取組 取り組み 取組み
受付 受け付け 受付け
申し込み 申込み 申込
問い合わせ 問合せ 問合わせ
引き継ぎ 引継ぎ 引継
申し送り 申送り
手続き 手続
取り扱い 取扱い 取扱
締め切り 締切 締切り
話し合い 話合い
振り返り 振返り
繰り返し 繰返し
呼び掛け 呼びかけ
受け入れ 受入れ 受入
組み合わせ 組合せ
附属 付属
障害者 障がい者
子供 子ども
ウイルス ウィルス
インタビュー インタヴュー
りんご リンゴ 林檎
癌 がん ガン
褥瘡 床ずれ 褥そう
髙橋 高橋
山﨑 山崎
渡邊 渡邉 渡辺
齋藤 齊藤 斎藤 斉藤
德田 徳田
𠮷田 吉田
濵田 濱田 浜田
廣瀨 広瀬 廣瀬
澤田 沢田
櫻井 桜井
國分 国分
嶋田 嶌田 島田
冨田 富田
栁田 柳田
峯岸 峰岸
舘野 館野
條 条
眞鍋 真鍋
惠子 恵子
龍 竜
1ヶ月 1か月 1カ月 1ヵ月 １ヶ月 1箇月
3ヶ所 3か所 3カ所
平成28年5月10日 H28.5.10 2016年5月10日 2016-05-10 2016/5/10 平成２８年５月１０日 Ｈ２８．５．１０ 平成二十八年五月十日 ㍻28年5月10日
令和元年 令和1年 R1年 2019年
令和7年5月10日 平成37年5月10日 R7.5.10 令和七年五月十日
令和7年度 R7年度 2025年度 平成37年度
訪看 訪問看護
包括 地域包括支援センター
看取り ターミナルケア 終末期ケア
入院時情報提供シート 入院時情報提供書
サ高住 サービス付き高齢者向け住宅
特養 特別養護老人ホーム
MSW 医療ソーシャルワーカー
社協 社会福祉協議会
胃ろう 胃瘻 PEG
一人暮らし 独居 ひとり暮らし
誤嚥性肺炎 誤えん性肺炎
デイサービス 通所介護
ケアプラン 居宅サービス計画
COVID-19 新型コロナ
BCP 業務継続計画 事業継続計画
会議録 議事録
Web会議 ＷＥＢ会議 web会議 オンライン会議
FAX ＦＡＸ fax
e-mail Ｅ－ｍａｉｌ
カンファレンス ｶﾝﾌｧﾚﾝｽ カンファ
呼掛け 呼びかけ 呼び掛け
2016.5.10 2016年5月10日 H28/5/10 平成28・5・10
令和6年4月 2024年4月 R6.4
昭和64年1月7日 S64.1.7 1989年1月7日
平成31年4月30日 H31.4.30 2019/4/30
2025-4-1 2025年4月1日 R7/4/1 ㋿7年4月1日
㈲みどり (有)みどり 有限会社みどり
㈳みどり (社)みどり
５％ 5%
㎡ m2
℡ TEL
髙島 高島 高嶋
荒瀬 荒瀨
邊見 辺見
吉川 𠮷川
廣島 広島
齊木 斉木
寶田 宝田
淵上 渕上
鶴見 靏見
檜山 桧山
藪内 薮内
彌生 弥生
與田 与田
實 実
學校 学校
醫師 医師
變更 変更
對応 対応
數日間 数日間
見積り 見積もり 見積
売り上げ 売上 売上げ
立ち会い 立会い 立会
聞き取り 聞取り
払い戻し 払戻し
割り当て 割当 割当て
切り替え 切替え 切替
立ち上げ 立上げ
付き添い 付添い
取り消し 取消し 取消
分かる わかる
繋ぐ つなぐ
嚥下 えん下
骨粗鬆症 骨粗しょう症
お知らせ 御知らせ
バイタルサイン ﾊﾞｲﾀﾙｻｲﾝ
インフルエンザ ｲﾝﾌﾙｴﾝｻﾞ
ショートステイ ｼｮｰﾄｽﾃｲ 短期入所
訪問リハ 訪問リハビリテーション
通所リハ デイケア
メンバー メンバ
スケジュール スケジュ―ル
カウンセラー カウンセラ
ヴォランティア ボランティア
ソフトウェア ソフトウエア
第1回 第①回
10時30分 １０時３０分
3か月 3ヶ月 三か月
退院 退 院
"""

ROWS = [row.split(" ") for row in SPELLINGS.strip().splitlines() if "退 院" not in row]
PAIRS = [(typed, written) for row in ROWS for typed in row for written in row]


@pytest.fixture(scope="module")
def office(module_home: Home) -> Engine:
    """One document a spelling, each spelling standing alone between neutral words."""
    index = module_home.create()
    written = sorted({spelling for row in ROWS for spelling in row})
    entries = [make_entry(number, f"本日は、{spelling}、以上。") for number, spelling in enumerate(written)]
    index.update(entries, [], 1)
    return index


def number_of(spelling: str) -> int:
    return sorted({spelling for row in ROWS for spelling in row}).index(spelling)


def test_the_table_is_long_enough() -> None:
    assert len({pair for pair in PAIRS if pair[0] != pair[1]}) >= 150


@pytest.mark.parametrize(("typed", "written"), PAIRS)
def test_whatever_is_typed_finds_whatever_is_written(office: Engine, typed: str, written: str) -> None:
    assert number_of(written) in found(office, typed)


@pytest.mark.parametrize("typed", sorted({spelling for row in ROWS for spelling in row}))
def test_the_exact_spelling_comes_first(office: Engine, typed: str) -> None:
    first = sorted({spelling for row in ROWS for spelling in row})[found(office, typed)[0]]
    assert verbatim(typed) in verbatim(first)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ST", "テストとコスト"),
        ("看取り", "看護と取引"),
        ("包丁", "包括"),
        ("高橋", "高い橋"),
        ("7", "17名"),
        ("PT", "CAPTAIN"),
        ("組合", "組み合わせ"),
        ("生物", "生き物"),
    ],
)
def test_what_only_looks_alike_is_not_found(home: Home, typed: str, written: str) -> None:
    index = home.create()
    index.update([make_entry(1, written)], [], 1)
    assert found(index, typed) == []
