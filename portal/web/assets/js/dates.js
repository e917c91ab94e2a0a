// Reading days as people type them, for the echo beside a date field. The server reads again and decides (portal/kinds/calendar.py).
import { t } from "./words.js";

const ERAS = [
  ["令和", "r", "㋿", 2018, "2019-05-01"],
  ["平成", "h", "㍻", 1988, "1989-01-08"],
  ["昭和", "s", "㍼", 1925, "1926-12-25"],
  ["大正", "t", "㍽", 1911, "1912-07-30"],
  ["明治", "m", "㍾", 1867, "1868-01-25"],
];
const WEEKDAYS = "日月火水木金土";
const DIGITS = "〇一二三四五六七八九";
const YEAR = "(?<era>令和|平成|昭和|大正|明治|[rhstm])?\\s*(?<year>\\d{1,4}|元)";
const PATTERNS = [
  new RegExp(`^${YEAR}\\s*年(?:度)?\\s*(?<month>\\d{1,2})\\s*月\\s*(?<day>\\d{1,2})\\s*日?$`),
  new RegExp(`^${YEAR}\\s*[./\\-・]\\s*(?<month>\\d{1,2})\\s*[./\\-・]\\s*(?<day>\\d{1,2})$`),
  /^(?<era>)(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})$/,
];

const kanjiNumber = (run) => {
  if (!run.includes("十")) return [...run].map((digit) => DIGITS.indexOf(digit)).join("");
  const [tens, ones] = run.split("十");
  return String((tens ? DIGITS.indexOf(tens.at(-1)) : 1) * 10 + (ones ? DIGITS.indexOf(ones[0]) : 0));
};

function foldDay(text) {
  for (const [name, , sign] of ERAS) text = text.replaceAll(sign, name);
  return text
    .normalize("NFKC").trim().toLowerCase()
    .replace(/\s*\([月火水木金土日](?:曜日?)?(?:・祝)?\)$/, "")
    .replace(/[ー－−‐–—]/g, "-")
    .replace(/[〇一二三四五六七八九十]+/g, kanjiNumber);
}

/** Read a day; {iso} or {problem: a Japanese sentence}. */
export function parseDay(text) {
  const typed = text.trim();
  const folded = foldDay(text);
  const match = PATTERNS.map((pattern) => pattern.exec(folded)).find(Boolean);
  if (!match) return { problem: t("日付として読み取れません。「令和8年11月19日」「R8.11.19」のように入力してください。") };
  const { era, year, month, day } = match.groups;
  const known = ERAS.find(([name, letter]) => era && (era === name || era === letter));
  const number = year === "元" ? 1 : Number(year);
  if (!known && number < 1000) return { problem: t("年が読み取れません。元号か西暦4桁で入力してください。") };
  if (month < 1 || month > 12) return { problem: t("「{typed}」は使えません。月は1〜12で入力してください。", { typed }) };
  const iso = [String(known ? known[3] + number : number).padStart(4, "0"), month.padStart(2, "0"), day.padStart(2, "0")].join("-");
  const found = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(found.getTime()) || found.toISOString().slice(0, 10) !== iso) {
    return { problem: t("「{typed}」は使えません。{month}月に{day}日はありません。", { typed, month: Number(month), day: Number(day) }) };
  }
  return { iso };
}

/** Write an ISO day as 令和8年11月19日（木）. */
export function writeDay(iso, { weekday = true } = {}) {
  const [year, month, day] = iso.split("-").map(Number);
  const [name, , , zero] = ERAS.find((era) => iso >= era[4]) ?? ERAS.at(-1);
  const shown = `${name}${year - zero === 1 ? "元" : year - zero}年${month}月${day}日`;
  return weekday ? `${shown}（${WEEKDAYS[new Date(`${iso}T00:00:00Z`).getUTCDay()]}）` : shown;
}
