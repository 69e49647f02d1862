/** A button that prints the page: `<span data-island="cases/print" data-props="{}"></span>`. */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";

export function start(el: HTMLElement): void {
  el.append(h("button", { type: "button", class: "btn btn-primary", click: () => window.print() }, t("Print")));
}
