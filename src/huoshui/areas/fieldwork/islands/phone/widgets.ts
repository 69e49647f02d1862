/** Small parts that several screens share. */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";
import type { Props } from "./types";

const SVG = "http://www.w3.org/2000/svg";
const TOLD_MS = 2500;

/** A sign of the house's own set. */
export function icon(props: Props, name: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${props.icons_url}#${name}`);
  svg.append(use);
  return svg;
}

/** A sheet over the whole page; returns the way to close it. */
export function sheet(title: string, content: (Node | string)[], name = ""): () => void {
  const dialog = h("dialog", { class: "ph-sheet", "data-sheet": name, "aria-label": title });
  const close = () => dialog.close();
  dialog.append(
    h("div", { class: "ph-sheet-head" }, h("h2", {}, title), h("button", { type: "button", class: "ph-close", "aria-label": t("Close"), click: close }, "×")),
    ...content,
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

/** Say briefly that something was kept. */
export function tell(el: HTMLElement, words: string): void {
  const note = h("div", { class: "ph-told", role: "status" }, words);
  el.append(note);
  window.setTimeout(() => note.remove(), TOLD_MS);
}

export function field(label: string, input: HTMLElement, help = ""): HTMLElement {
  return h("label", { class: "ph-field" }, h("span", {}, label), input, help && h("small", {}, help));
}

export function input(name: string, attributes: Record<string, string | number | boolean | null> = {}): HTMLInputElement {
  return h("input", { class: "form-control", name, autocomplete: "off", ...attributes });
}

export function numberInput(name: string, value = "", attributes: Record<string, string | number | boolean | null> = {}): HTMLInputElement {
  return input(name, { type: "number", inputmode: "decimal", step: "any", min: 0, value, ...attributes });
}

/** Big choices, one under the other. */
export function choices(name: string, given: readonly { code: string; label: string }[], chosen = ""): HTMLElement {
  return h("div", { class: "ph-choices", role: "radiogroup" }, ...given.map((one) =>
    h("label", {}, h("input", { type: "radio", name, value: one.code, checked: one.code === chosen, required: true }), h("span", {}, one.label))));
}
