// <file-drop>: files chosen or dropped go up one request each, two at a time, with progress; results stay in a list.
import { announce, make, meta } from "./common.js";
import { t } from "./words.js";

const AT_ONCE = 2;

export class FileDrop extends HTMLElement {
  connectedCallback() {
    this.chooser = this.querySelector("input[type=file]");
    if (!this.chooser || this.waiting) return;
    this.waiting = [];
    this.running = 0;
    this.area = this.querySelector(".drop") ?? this;
    this.list = this.querySelector(".uploads") ?? this.appendChild(make("ul", { class: "uploads", "aria-label": t("送ったファイル") }));
    this.chooser.addEventListener("change", () => {
      this.take([...this.chooser.files]);
      this.chooser.value = ""; // they are on their way; the form must not send them again
    });
    this.listenForDrops(this.hasAttribute("data-whole-page") ? document : this);
    window.addEventListener("beforeunload", (event) => this.running && event.preventDefault());
  }

  listenForDrops(place) {
    const holdsFiles = (event) => this.isConnected && [...(event.dataTransfer?.types ?? [])].includes("Files");
    let depth = 0;
    place.addEventListener("dragenter", (event) => {
      if (holdsFiles(event)) this.area.classList.toggle("over", ++depth > 0);
    });
    place.addEventListener("dragleave", (event) => {
      if (holdsFiles(event)) this.area.classList.toggle("over", --depth > 0);
    });
    place.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
    place.addEventListener("drop", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      depth = 0;
      this.area.classList.remove("over");
      this.take(filesOf(event.dataTransfer));
    });
  }

  take(files) {
    for (const file of files) {
      const line = this.line(file);
      const limit = Number(this.dataset.maxBytes) || Infinity;
      if (file.isFolder) line.fail(t("フォルダーは送れません。中のファイルを選んでください。"));
      else if (file.size > limit) line.fail(t("ファイルが大きすぎます。{limit}MBまで送れます。", { limit: Math.floor(limit / 1048576) }));
      else this.waiting.push(line);
    }
    this.next();
  }

  next() {
    while (this.running < AT_ONCE && this.waiting.length) {
      this.running += 1;
      this.send(this.waiting.shift()).finally(() => {
        this.running -= 1;
        this.next();
        if (!this.running) this.done();
      });
    }
  }

  done() {
    document.getElementById(this.dataset.refresh ?? "")?.refresh?.();
    this.dispatchEvent(new CustomEvent("uploaded", { bubbles: true }));
  }

  /** XMLHttpRequest, because fetch tells nothing about how much has gone up. */
  send(line) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.dataset.url);
      request.setRequestHeader("X-CSRFToken", meta("csrf-token"));
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => event.lengthComputable && line.progress(event.loaded / event.total));
      request.addEventListener("loadend", () => {
        this.finish(line, request);
        resolve();
      });
      const body = new FormData();
      body.append("file", line.file, line.file.name);
      request.send(body);
    });
  }

  finish(line, request) {
    const answer = read(request.responseText);
    if (request.status >= 200 && request.status < 300 && answer) line.succeed(answer);
    else line.fail(answer?.detail || reason(request.status), request.status === 0 || request.status >= 500);
  }

  line(file) {
    const name = make("span", {}, file.name);
    const state = make("span", {}, t("待っています"));
    const bar = make("progress", { max: "100", value: "0", "aria-label": file.name });
    const item = make("li", {}, name, state, bar);
    this.list.append(item);
    const line = {
      file,
      progress(part) {
        bar.value = Math.round(part * 100);
        state.textContent = part < 1 ? `${bar.value}%` : t("確かめています");
      },
      succeed: (answer) => {
        bar.remove();
        state.className = "badge good";
        state.textContent = t("保存しました");
        if (answer.url) name.replaceChildren(make("a", { href: answer.url }, answer.name || file.name));
        if (answer.message) item.append(make("p", { class: "note help" }, answer.message));
        announce(t("{name}を保存しました。", { name: file.name }));
      },
      fail: (detail, mayRetry = false) => {
        bar.remove();
        state.className = "badge late";
        state.textContent = t("保存できません");
        item.append(make("p", { class: "error" }, detail, ...(mayRetry ? [" ", this.retry(item, file)] : [])));
        announce(t("{name}を保存できません。{detail}", { name: file.name, detail }));
      },
    };
    return line;
  }

  retry(item, file) {
    const again = make("button", { type: "button", class: "button link" }, t("もう一度送る"));
    again.addEventListener("click", () => {
      item.remove();
      this.take([file]);
    });
    return again;
  }
}

function filesOf(transfer) {
  const folders = new Set([...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry?.isDirectory).map((entry) => entry.name));
  return [...transfer.files].map((file) => (folders.has(file.name) ? Object.assign(file, { isFolder: true }) : file));
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function reason(status) {
  if (status === 0) return t("通信できませんでした。");
  if (status === 401) return t("ログインの有効期間が切れました。ログインしてから送ってください。");
  if (status === 403) return t("この文書にファイルを付ける権限がありません。");
  if (status === 413) return t("ファイルが大きすぎます。");
  return t("サーバーで保存できませんでした。");
}
