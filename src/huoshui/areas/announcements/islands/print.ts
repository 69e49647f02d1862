/** The button that prints a poster: `{% island "announcements/print" %}`. */
import { t } from "@ui/i18n";

export function start(el: HTMLElement): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-primary an-no-print";
  button.textContent = t("Print");
  button.addEventListener("click", () => window.print());
  el.replaceChildren(button);
}
