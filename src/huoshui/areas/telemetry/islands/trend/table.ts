/** The lines of a chart as a table: legend, values at the cursor, figures of the view, settings. */
import { h } from "@ui/dom";
import { number } from "@ui/format";
import { t } from "@ui/i18n";
import { gapMs, type Line, qualityAt } from "./columns";
import { nearest, qualityName } from "./option";
import type { Scale, State } from "./state";

export interface Deeds {
  hide: (code: string, hidden: boolean) => void;
  own: (code: string, own: boolean) => void;
  scale: (code: string, scale: Scale) => void;
  /** Null where the line must stay. */
  remove: (code: string) => (() => void) | null;
}

export interface Figures {
  min: number | null;
  mean: number | null;
  max: number | null;
}

/** The smallest, mean and largest value of a line within a period. */
export function figures(line: Line, from_ms: number, until_ms: number): Figures {
  let [min, max, sum, count] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < line.at_ms.length; i++) {
    const at = line.at_ms[i] as number;
    const value = line.value[i];
    if (at < from_ms || at >= until_ms || value == null) continue;
    min = Math.min(min, line.low?.[i] ?? value);
    max = Math.max(max, line.high?.[i] ?? value);
    sum += value;
    count += 1;
  }
  return count ? { min, mean: sum / count, max } : { min: null, mean: null, max: null };
}

/** What a line says at a moment: its value and quality, or nothing in a gap. */
export function valueAt(line: Line, at: number): { value: number | null; quality: number } | null {
  const i = nearest(line.at_ms, at);
  if (i < 0 || Math.abs((line.at_ms[i] as number) - at) > gapMs(line)) return null;
  return { value: line.value[i] ?? null, quality: qualityAt(line, line.at_ms[i] as number) };
}

const bound = (box: HTMLInputElement): number | null => (box.value.trim() === "" || Number.isNaN(Number(box.value)) ? null : Number(box.value));

export class LinesTable {
  readonly el = h("div", { class: "trend-table table-responsive" });
  private readonly cells = new Map<string, HTMLElement>();
  private lines: Line[] = [];
  private drawn = "";

  constructor(private readonly deeds: Deeds) {}

  /** Show the lines; the table is built anew only when lines or settings changed. */
  show(lines: Line[], state: State, colours: readonly string[], from_ms: number, until_ms: number): void {
    this.lines = lines;
    const marks = lines.map((line) => [line.code, line.name, state.own.has(line.code), state.hidden.has(line.code), state.scales.get(line.code)]);
    const drawn = JSON.stringify([marks, colours]);
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      this.build(state, colours);
    }
    for (const line of lines) {
      const { min, mean, max } = figures(line, from_ms, until_ms);
      this.write(`${line.code} min`, number(min, line.decimals));
      this.write(`${line.code} mean`, number(mean, line.decimals));
      this.write(`${line.code} max`, number(max, line.decimals));
    }
  }

  /** Show the values of a moment; null shows none. */
  cursor(at: number | null): void {
    for (const line of this.lines) {
      const found = at === null ? null : valueAt(line, at);
      this.write(`${line.code} value`, found ? `${number(found.value, line.decimals)} ${line.unit}` : "–");
      this.write(`${line.code} quality`, found ? qualityName(found.quality) : "");
    }
  }

  private write(cell: string, text: string): void {
    const el = this.cells.get(cell);
    if (el && el.textContent !== text) el.textContent = text;
  }

  private build(state: State, colours: readonly string[]): void {
    this.cells.clear();
    const head = [t("Point or formula"), t("At the cursor"), t("Quality"), t("Smallest"), t("Mean"), t("Largest"), t("Own axis"), t("Scale from"), t("Scale to"), ""];
    const numbers = new Set([1, 3, 4, 5]);
    const headings = head.map((text, i) => h("th", numbers.has(i) ? { class: "hs-number" } : {}, text));
    const rows = this.lines.map((line, i) => this.row(line, colours[i % colours.length] ?? "", state));
    this.el.replaceChildren(h("table", { class: "table table-sm" }, h("thead", {}, h("tr", {}, ...headings)), h("tbody", {}, ...rows)));
  }

  private row(line: Line, colour: string, state: State): HTMLElement {
    const { code } = line;
    const shown = h("input", { type: "checkbox", class: "form-check-input", "aria-label": t("Show {name}", { name: line.name }) });
    shown.checked = !state.hidden.has(code);
    shown.addEventListener("change", () => this.deeds.hide(code, !shown.checked));
    const own = h("input", { type: "checkbox", class: "form-check-input", "aria-label": t("Own axis for {name}", { name: line.name }) });
    own.checked = state.own.has(code);
    own.addEventListener("change", () => this.deeds.own(code, own.checked));
    const [low, high] = state.scales.get(code) ?? [null, null];
    const box = (value: number | null, label: string) => h("input", { class: "form-control form-control-sm trend-bound", inputmode: "decimal", value: value === null ? "" : String(value), "aria-label": label });
    const from = box(low, t("Scale of {name} from", { name: line.name }));
    const to = box(high, t("Scale of {name} to", { name: line.name }));
    for (const one of [from, to]) one.addEventListener("change", () => this.deeds.scale(code, [bound(from), bound(to)]));
    const swatch = h("span", { class: "trend-swatch" });
    swatch.style.backgroundColor = colour;
    const deed = this.deeds.remove(code);
    const away = h("button", { type: "button", class: "btn-close", "aria-label": t("Remove {code}", { code: line.name }) });
    away.addEventListener("click", () => deed?.());
    const cell = (name: string, css = "") => {
      const made = h("td", css ? { class: css } : {}, "–");
      this.cells.set(`${code} ${name}`, made);
      return made;
    };
    return h("tr", {},
      h("td", {}, h("label", { class: "trend-line" }, shown, swatch, h("span", {}, line.name, h("small", {}, ` ${line.unit}`)))),
      cell("value", "hs-number"), cell("quality"), cell("min", "hs-number"), cell("mean", "hs-number"), cell("max", "hs-number"),
      h("td", {}, own), h("td", {}, from), h("td", {}, to), h("td", {}, ...(deed ? [away] : [])));
  }
}
