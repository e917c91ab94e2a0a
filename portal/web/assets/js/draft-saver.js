// <draft-saver>: what a person types is on the server 1.2 s later, or in a copy on this PC until it is, and the page says which.
import { dropCopy, findCopy, keepCopy } from "./copies.js";
import { make, meta, readJson, writeHeaders } from "./common.js";
import { t } from "./words.js";

const QUIET = 1200; // after the last input
const LONGEST = 15_000; // someone who never pauses is saved at least this often
const GIVE_UP = 30_000; // one request
const KEEPALIVE_LIMIT = 60_000; // browsers refuse more than 64 KB in a request that outlives its page
const NOT_SAVED = new Set(["csrf_token"]);

export class DraftSaver extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    if (!this.form || this.revision !== undefined) return;
    this.revision = this.savedRevision = this.failures = 0;
    this.clockOffset = this.dataset.now ? Date.parse(this.dataset.now) - Date.now() : 0;
    this.status = this.querySelector("[data-saved]") ?? this.appendChild(make("p", { "data-saved": true, role: "status" }));
    this.listenToForm();
    this.listenToWindow();
    this.offerCopy();
  }

  listenToForm() {
    this.form.addEventListener("input", () => this.touch());
    this.form.addEventListener("change", (event) => event.target.type === "file" || this.touch());
    this.form.addEventListener("uploaded", () => this.touch()); // so that a report that is only files yet is found again
    this.form.addEventListener("compositionstart", () => (this.composing = true));
    this.form.addEventListener("compositionend", () => {
      this.composing = false;
      this.touch();
    });
    this.form.addEventListener("submit", (event) => setTimeout(() => event.defaultPrevented || this.leave()));
  }

  listenToWindow() {
    window.addEventListener("beforeunload", (event) => this.isDirty && !this.leaving && event.preventDefault());
    window.addEventListener("pagehide", () => this.lastWords());
    window.addEventListener("pageshow", (event) => event.persisted && (this.leaving = false));
    window.addEventListener("online", () => this.isDirty && this.save());
    document.addEventListener("visibilitychange", () => this.isDirty && !this.composing && this.save());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "s" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.save();
    });
  }

  get isDirty() {
    return this.revision > this.savedRevision;
  }

  get now() {
    return Date.now() + this.clockOffset;
  }

  touch() {
    this.revision += 1;
    this.firstUnsaved ??= Date.now();
    if (this.trouble) this.keep();
    if (this.stopped || this.failures) return; // a retry is already planned
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), Math.max(0, Math.min(QUIET, this.firstUnsaved + LONGEST - Date.now())));
  }

  fields() {
    const passwords = new Set([...this.form.querySelectorAll("input[type=password]")].map((input) => input.name));
    return [...new FormData(this.form)].filter(([name, value]) => typeof value === "string" && !NOT_SAVED.has(name) && !passwords.has(name));
  }

  body() {
    const base = this.dataset.base ? Number(this.dataset.base) : null;
    return JSON.stringify({ fields: this.fields(), base, key: this.dataset.key ?? "" });
  }

  async save() {
    clearTimeout(this.timer);
    if (this.composing || this.stopped || this.leaving) return;
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = new AbortController();
    const { signal } = this.running;
    const overdue = setTimeout(() => this.running?.abort(), GIVE_UP);
    const revision = this.revision;
    try {
      const token = this.failures ? await this.renewToken() : "same";
      if (token === "ended") this.sessionEnded();
      else if (!this.stopped) await this.answer(await this.send(this.body(), { signal }), revision);
    } catch {
      if (!this.leaving) this.fail(t("通信できません。入力した内容はこのパソコンに控えてあります。つながりしだい保存します。"));
    } finally {
      clearTimeout(overdue);
      this.running = null;
      if (this.again && !this.failures) this.touch();
      this.again = false;
    }
  }

  send(body, options = {}) {
    const headers = writeHeaders({ "Content-Type": "application/json" });
    // A redirect would be the way to the sign-in page; following it would look like success.
    return fetch(this.dataset.url, { method: "PUT", body, headers, redirect: "manual", ...options });
  }

  async answer(response, revision) {
    const told = await readJson(response);
    const status = response.type === "opaqueredirect" ? 401 : response.status;
    if (response.ok) this.succeed(told, revision);
    else if (status === 409) this.conflict(told, revision);
    else if (status === 401) this.sessionEnded();
    else if (status === 400 || status === 403) await this.refused(told);
    else if (status === 408 || status === 429 || status >= 500) this.fail(this.busy(told), { wait: Number(response.headers.get("Retry-After")) });
    else this.fail(told.detail || t("この内容は下書きとして保存できません。入力した内容はこのパソコンに控えてあります。"), { wait: 60 });
  }

  sessionEnded() {
    this.fail(t("ログインの有効期間が切れました。入力した内容はこのパソコンに控えてあります。"), { signIn: true });
  }

  /** A void token is refused like a forbidden act; asking for a new one tells them apart. */
  async refused(told) {
    const token = await this.renewToken();
    if (token === "ended") this.sessionEnded();
    else if (token === "renewed" && !this.failures) {
      this.failures = 1;
      this.timer = setTimeout(() => this.save());
    } else if (!this.stopped) this.fail(told.detail || t("今は保存できません。入力した内容はこのパソコンに控えてあります。"));
  }

  busy(told) {
    const kept = t("入力した内容はこのパソコンに控えてあります。もう一度保存を試みます。");
    return `${told.detail || t("サーバーが混み合っています。")}${kept}`;
  }

  succeed(told, revision) {
    this.savedRevision = Math.max(this.savedRevision, revision);
    this.failures = 0;
    this.trouble = false;
    this.firstUnsaved = this.isDirty ? Date.now() : undefined;
    dropCopy(this.dataset.url);
    const at = told.saved_at ? new Date(told.saved_at) : new Date(this.now);
    this.say(t("{time} に下書きを保存しました", { time: clock(at) }));
    if (this.isDirty) this.touch();
  }

  fail(message, { wait = 0, signIn = false } = {}) {
    this.failures += 1;
    this.trouble = true;
    const isKept = this.keep();
    const parts = [isKept ? message : t("下書きを保存できません。このパソコンにも控えられません。画面を閉じずに、内容を写しておいてください。")];
    if (signIn && this.dataset.loginUrl) {
      const link = make("a", { href: this.dataset.loginUrl, target: "_blank", rel: "noopener" }, t("別のタブでログインする"));
      parts.push(" ", link, t("と、続けて保存します。"));
    }
    this.say(...parts);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), Math.max(wait * 1000, Math.min(2 ** this.failures, 60) * 1000));
  }

  /** Someone saved a version meanwhile. The server keeps this draft beside it and goes on keeping it; the person decides. */
  conflict({ by, number, saved_at: savedAt, url, detail }, revision) {
    this.savedRevision = Math.max(this.savedRevision, revision);
    this.failures = 0;
    this.trouble = true;
    this.firstUnsaved = undefined;
    this.keep();
    const told = by && number && t("{by}さんが{time}に第{number}版を保存しました。", { by, number, time: savedAt ? clock(new Date(savedAt)) : "" });
    const parts = [told || detail || t("ほかの人がこの文書を保存しました。"), t("あなたの入力はこの画面に残っています。")];
    if (url) parts.push(" ", make("a", { href: url, target: "_blank", rel: "noopener" }, t("違いを見る")));
    this.say(...parts);
  }

  /**
   * After signing in again in another tab the old token is void; take the new one, unless it is someone else's.
   * Says "same", "renewed" or "ended" (nobody is signed in).
   */
  async renewToken() {
    const address = meta("token-url");
    if (!address) return "same";
    const response = await fetch(address, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" });
    if (response.status === 401 || response.type === "opaqueredirect") return "ended";
    if (!response.ok) return "same";
    const { csrf_token: token, account } = await readJson(response);
    if (account && String(account) !== meta("account")) {
      this.stopped = true;
      this.say(t("別の利用者でログインしています。この画面の内容は保存されません。必要な部分を写して、画面を閉じてください。"));
      return "same";
    }
    if (!token || token === meta("csrf-token")) return "same";
    document.querySelector('meta[name="csrf-token"]').content = token;
    for (const hidden of document.querySelectorAll("input[type=hidden][name=csrf_token]")) hidden.value = token;
    return "renewed";
  }

  keep() {
    return keepCopy(this.dataset.url, { fields: this.fields(), at: this.now });
  }

  /** The form itself is being sent: an autosave arriving after it would bring the draft back to life. */
  leave() {
    this.leaving = true;
    clearTimeout(this.timer);
    this.running?.abort();
    if (this.isDirty) this.keep(); // should the sending fail, the text is offered again
  }

  lastWords() {
    if (!this.isDirty || this.leaving) return;
    this.keep();
    const body = this.body();
    if (this.stopped || body.length * 3 > KEEPALIVE_LIMIT) return;
    this.send(body, { keepalive: true }).catch(() => {});
  }

  say(...parts) {
    this.status.classList.toggle("trouble", !!this.trouble);
    const text = parts.map((part) => part.textContent ?? part).join("");
    if (this.status.textContent !== text) this.status.replaceChildren(...parts);
  }

  /** A copy from before (lost network, ended session) is offered when it is newer than what the server shows, and different. */
  offerCopy() {
    const copy = findCopy(this.dataset.url);
    if (!copy) return;
    const isOlder = this.dataset.savedAt && copy.at <= Date.parse(this.dataset.savedAt);
    if (isOlder || JSON.stringify(copy.fields) === JSON.stringify(this.fields())) return dropCopy(this.dataset.url);
    const back = make("button", { type: "button", class: "button slim" }, t("控えに戻す"));
    const drop = make("button", { type: "button", class: "button slim" }, t("控えを捨てる"));
    const told = make("p", {}, make("strong", {}, t("保存されていない入力が残っています。")), t("{time} にこのパソコンに控えたものです。", { time: clock(new Date(copy.at)) }));
    const band = make("div", { class: "band warn", role: "status" }, told, make("div", { class: "buttons" }, back, drop));
    back.addEventListener("click", () => this.restore(copy.fields, band));
    drop.addEventListener("click", () => {
      dropCopy(this.dataset.url);
      band.remove();
    });
    this.form.before(band);
  }

  restore(fields, band) {
    const byName = group(fields);
    this.makeRows(byName.keys());
    for (const control of this.form.elements) {
      if (!control.name || NOT_SAVED.has(control.name) || ["submit", "button", "file", "password", "hidden"].includes(control.type)) continue;
      const values = byName.get(control.name) ?? [];
      if (control.type === "checkbox" || control.type === "radio") control.checked = values.some(([, value]) => value === control.value);
      else if (control.type === "select-multiple") for (const option of control.options) option.selected = values.some(([, value]) => value === option.value);
      else setValue(control, values.shift()?.[1] ?? "");
    }
    band.remove();
    this.touch();
    this.form.querySelector("input:not([type=hidden]), textarea")?.focus();
  }

  /** Rows that the copy has and the page has not. */
  makeRows(names) {
    const wanted = [...names];
    for (const list of this.form.querySelectorAll("row-list")) {
      const stem = `${list.getAttribute("name")}-`;
      const numbers = wanted.filter((name) => name.startsWith(stem)).map((name) => parseInt(name.slice(stem.length), 10));
      list.ensure?.(Math.max(0, ...numbers.filter((number) => number >= 0).map((number) => number + 1)));
    }
  }
}

function setValue(control, value) {
  if (control.value === value) return;
  const editor = control.closest("rich-text");
  if (editor?.setValue) editor.setValue(value);
  else {
    control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const group = (fields) =>
  fields.reduce((groups, field) => groups.set(field[0], [...(groups.get(field[0]) ?? []), field]), new Map());

function clock(at) {
  const time = `${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? time : t("{month}月{day}日 {time}", { month: at.getMonth() + 1, day: at.getDate(), time });
}
