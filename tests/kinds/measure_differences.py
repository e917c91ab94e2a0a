"""Say how sentences rewritten by an office come out: `python -m tests.kinds.measure_differences` compares three ways to cut."""

import sys
import time

from portal.kinds.diff import Cut, Effort, pieces, script_runs
from search_index import cut_words

PAIRS = (
    ("退院の3日前までに連絡することが必要である。", "退院の5日前までには電話で連絡する必要がある。"),
    ("開催時期は最低でも年4回とする。", "実施時期は少なくとも年3回とする。"),
    ("区内8病院のうち5病院が「退院日の3日前まで」に連絡していると報告した。", "区内8病院のうち6病院が「退院日の5日前まで」に連絡していると報告があった。"),
    ("訪問看護ステーションから、医療処置の引継ぎに最低でも5営業日が要るという意見があった。", "訪問看護ステーションからは、医療処置の引き継ぎに少なくとも5営業日は必要との意見が出た。"),
    ("診療所からは、FAXと電話のどちらを先にするか決めてほしいという声が出た。", "診療所から、FAXと電話のどちらを優先するか決めてほしいとの声があった。"),
    ("年末年始の空床情報は、相談支援室が12月20日までに一覧にして配ることとした。", "年末年始の空床情報については、相談支援室が12月15日までに一覧を作成し、各病院に配ることになった。"),
    ("介護支援専門員と連携して入退院支援を行う。", "ケアマネジャーと連携し、入退院時の支援を行う。"),
    ("次回は令和8年12月10日（木）午後2時から開催する。", "次回は令和9年1月14日（木）午後1時30分から区役所で開催する。"),
    ("情報共有シートの様式を改訂する。", "情報共有シートの様式を改定し、令和9年度から使う。"),
    ("認知症初期集中支援チームとの役割分担を確認した。", "認知症初期集中支援チームと地域包括支援センターの役割分担を確認した。"),
    ("多職種連携研修会の参加者数は延べ120名であった。", "多職種連携研修会の参加者は延べ132人だった。"),
    ("看取りに関するアンケートを実施し、結果を取りまとめる。", "在宅看取りについてのアンケート結果をとりまとめ、次回報告する。"),
)  # fmt: skip
WAYS: dict[str, Cut] = {"characters": list, "script runs": script_runs, "dictionary": cut_words}


def main() -> None:
    """Print changes, changed characters and time for each way, then what the dictionary makes of each pair."""
    cut_words("辞書を読み込む。")
    for name, cut in WAYS.items():
        begun = time.process_time()
        found = [pieces(old, new, Effort(cut)) for old, new in PAIRS]
        spent = (time.process_time() - begun) * 1000 / len(PAIRS)
        changes = sum(
            one.op != "same" and (n == 0 or line[n - 1].op == "same") for line in found for n, one in enumerate(line)
        )
        letters = sum(len(one.text) for line in found for one in line if one.op != "same")
        sys.stdout.write(f"{name:12} {changes:3} changes  {letters:4} characters  {spent:.2f} ms a pair\n")
    for old, new in PAIRS:
        shown = {"same": "{}", "removed": "［−{}］", "added": "［＋{}］"}
        sys.stdout.write("".join(shown[one.op].format(one.text) for one in pieces(old, new, Effort(cut_words))) + "\n")


if __name__ == "__main__":
    main()
