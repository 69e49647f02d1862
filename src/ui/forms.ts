/** Forms: ask before what cannot be undone, never send twice, show which photos were chosen. */
import { t, tn } from "./i18n";

const agreed = new WeakSet<HTMLFormElement>();

/** Ask in the page's own dialog; true when the reader agrees. */
export function ask(question: string): Promise<boolean> {
  const dialog = document.getElementById("confirm") as HTMLDialogElement | null;
  const text = document.getElementById("confirm-text");
  if (!dialog || !text) return Promise.resolve(true);
  text.textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

function onSubmit(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  const question = form.dataset.confirm;
  if (question && !agreed.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    void ask(question).then((yes) => {
      if (!yes) return;
      agreed.add(form);
      form.requestSubmit(submitter);
      agreed.delete(form);
    });
    return;
  }
  if (form.method !== "post" || form.closest("[data-theme-switch]")) return;
  // Leave the button in the form data, and take it away only after the browser has read it.
  window.setTimeout(() => {
    for (const button of form.querySelectorAll<HTMLButtonElement>("button:not([type=button])")) button.disabled = true;
  });
}

function onChosen(event: Event): void {
  const input = event.target as HTMLInputElement;
  const place = input.closest("[data-photos]")?.querySelector("[data-photos-chosen]");
  if (!place || input.type !== "file") return;
  const count = input.files?.length ?? 0;
  place.textContent = count ? tn("{n} photo", "{n} photos", count) : t("None chosen");
}

function onTyped(event: Event): void {
  const input = event.target as HTMLInputElement;
  if (["date", "datetime-local"].includes(input.type)) input.toggleAttribute("data-empty", input.value === "");
}

export function startForms(): void {
  document.addEventListener("input", onTyped);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("change", onChosen);
  // A page that comes back from the browser's memory must have working buttons again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted)
      for (const button of document.querySelectorAll<HTMLButtonElement>("form[method=post] button")) button.disabled = false;
  });
}
