/** The button that prints a sheet of labels, and the look of the sheet. */
import { t } from "@ui/i18n";
import "./lib/labels.css";

export function start(el: HTMLElement): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-primary nw-no-print";
  button.textContent = t("Print");
  button.addEventListener("click", () => window.print());
  el.replaceChildren(button);
}
