// What every page does once: say that scripts run, bring the error summary into focus, text size, sign-out, confirming.
import { dropCopies, dropCopiesOfOthers } from "./copies.js";
import { make, newId, setCookie } from "./common.js";
import { t } from "./words.js";

export function startPage() {
  document.documentElement.classList.add("with-script");
  dropCopiesOfOthers();
  document.querySelector(".errors[tabindex]")?.focus();
  document.addEventListener("submit", onSubmit, true);
}

function onSubmit(event) {
  const form = event.target;
  if (askFirst(event, form)) return;
  if (form.hasAttribute("data-text-size") && event.submitter) changeTextSize(event, form);
  if (form.hasAttribute("data-sign-out")) dropCopies();
}

function changeTextSize(event, form) {
  event.preventDefault();
  const size = event.submitter.value;
  document.documentElement.dataset.size = size;
  setCookie("portal_size", size);
  for (const button of form.querySelectorAll("button[name=size]")) {
    button.setAttribute("aria-pressed", String(button.value === size));
  }
}

const confirmed = new WeakSet();

/** Stop a submit that wants confirming and send it again after "yes". */
function askFirst(event, form) {
  const asking = event.submitter?.hasAttribute("data-confirm") ? event.submitter : form.hasAttribute("data-confirm") && form;
  if (!asking || confirmed.delete(form)) return false;
  event.preventDefault();
  event.stopPropagation();
  const submitter = event.submitter;
  confirmDialog(asking.dataset.confirm, {
    yes: asking.dataset.confirmYes,
    danger: asking.hasAttribute("data-confirm-danger"),
  }).then((isYes) => {
    if (!isYes) return;
    confirmed.add(form);
    form.requestSubmit(submitter ?? undefined);
    confirmed.delete(form);
  });
  return true;
}

/** Ask in a dialog; resolves to true only for "yes". */
export function confirmDialog(question, { yes = "", danger = false } = {}) {
  return new Promise((resolve) => {
    const id = newId("question");
    const yesButton = make("button", { class: `button main${danger ? " danger" : ""}`, value: "yes" }, yes || t("はい"));
    const noButton = make("button", { class: "button", value: "", autofocus: true }, t("やめる"));
    const dialog = make(
      "dialog",
      { "aria-labelledby": id },
      make("form", { method: "dialog" }, make("p", { id }, question), make("div", { class: "buttons" }, yesButton, noButton)),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
