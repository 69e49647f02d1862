/** Short messages in the corner; errors stay until they are closed. */
import { t } from "./i18n";

export type ToastKind = "success" | "info" | "warning" | "error";

const SHOWN_MS = 6000;
/** With a way to take it back. */
const LASTING_MS = 15_000;

function close(toast: HTMLElement): void {
  toast.remove();
}

function dress(toast: HTMLElement): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn-close";
  button.setAttribute("aria-label", t("Close"));
  button.addEventListener("click", () => close(toast));
  toast.append(button);
  const shown_ms = "lasting" in toast.dataset ? LASTING_MS : SHOWN_MS;
  if (toast.dataset.kind !== "error") window.setTimeout(() => close(toast), shown_ms);
}

export function toast(message: string, kind: ToastKind = "info", next = ""): void {
  const area = document.getElementById("toasts");
  if (!area) return;
  const same = [...area.children].some((one) => one.firstChild?.textContent === message);
  if (same) return;
  const el = document.createElement("div");
  el.className = "hs-toast";
  el.dataset.kind = kind;
  const text = document.createElement("span");
  text.textContent = message;
  el.append(text);
  if (next) {
    const step = document.createElement("small");
    step.textContent = next;
    el.append(step);
  }
  area.append(el);
  dress(el);
}

/** Make the messages that came with the page closable. */
export function dressToasts(): void {
  document.querySelectorAll<HTMLElement>("#toasts .hs-toast").forEach(dress);
}
