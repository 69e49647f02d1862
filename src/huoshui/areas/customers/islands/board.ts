/** The button that prints a specialist's notice board, and its look: `{% island "customers/board" %}`. */
import { t } from "@ui/i18n";
import "./lib/board.css";

export function start(el: HTMLElement): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-primary cu-no-print";
  button.textContent = t("Print");
  button.addEventListener("click", () => window.print());
  el.replaceChildren(button);
}
