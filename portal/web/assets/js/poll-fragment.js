// <poll-fragment>: asks for its own inner HTML from time to time; 304 costs nothing, a hidden tab asks nothing.
const policy = globalThis.trustedTypes?.createPolicy("portal-fragment", { createHTML: (html) => html });

export class PollFragment extends HTMLElement {
  connectedCallback() {
    if (this.hasAttribute("data-at-start")) this.refresh();
    const seconds = Number(this.dataset.every);
    if (seconds) this.timer = setInterval(() => document.hidden || this.refresh(), seconds * 1000);
    this.onShow = () => document.hidden || (seconds && this.refresh());
    document.addEventListener("visibilitychange", this.onShow);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.onShow);
  }

  /** Ask now. Only an answer that names this fragment is put in: a sign-in page or an error page is not. */
  async refresh() {
    try {
      const response = await fetch(this.dataset.url || location.href, {
        headers: { "X-Fragment": this.id, Accept: "text/html", ...(this.etag && { "If-None-Match": this.etag }) },
        cache: "no-store",
      });
      if (response.status !== 200 || response.headers.get("X-Fragment") !== this.id) return;
      this.etag = response.headers.get("ETag");
      this.put(await response.text());
    } catch {
      // No network: what is shown stays, the next round tries again.
    }
  }

  /** Swap the content and give the keyboard back to the same element; fetch a file that has just become ready. */
  put(html) {
    const focused = this.contains(document.activeElement) && document.activeElement.id;
    this.innerHTML = policy ? policy.createHTML(html) : html;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    if (this.querySelector("[data-finished]")) this.disconnectedCallback();
    this.querySelector("a[data-at-once]")?.click();
    this.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
  }
}
