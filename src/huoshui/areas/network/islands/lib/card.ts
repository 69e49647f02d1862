/** The card of what was clicked: an asset's main facts, or a reading of another area. */
import { number, quantity } from "@ui/format";
import { t } from "@ui/i18n";
import { h, icon } from "./dom";
import { type Direction, DIRECTIONS } from "./trace";
import type { AssetGiven, BaseProps, LayerGiven } from "./types";
import type { Reading } from "./values";

export interface Card {
  el: HTMLElement;
  asset(asset: AssetGiven, extra: [string, string][], readings: Reading[]): void;
  reading(reading: Reading, layer: LayerGiven): void;
  /** Anything else that has a page: a zone, a connection. */
  other(kind: string, code: string, name: string, href: string): void;
  close(): void;
}

const QUALITIES = () => [t("Good"), t("Estimated"), t("Doubtful"), t("Bad"), t("No value")];

function facts(pairs: [string, string | null | undefined][]): HTMLElement {
  return h("dl", {}, ...pairs.flatMap(([name, value]) => (value ? [h("dt", {}, name), h("dd", {}, value)] : [])));
}

export function card(props: BaseProps, closed: () => void, fly: (code: string) => void, trace: (code: string, direction: Direction) => void): Card {
  const el = h("section", { class: "nw-card", hidden: true, "aria-live": "polite" });

  const show = (kind: string, name: string, ...content: (Node | null)[]) => {
    const close = h("button", { type: "button", class: "btn-close", "aria-label": t("Close"), click: closed });
    el.replaceChildren(h("header", {}, h("div", {}, h("small", {}, kind), h("h2", {}, name)), close));
    el.append(...content.filter((one): one is Node => one !== null));
    el.hidden = false;
  };
  const end = (code: string | null): Node | null =>
    code ? h("button", { type: "button", class: "nw-link", click: () => fly(code) }, code) : null;

  return {
    el,
    asset(asset, extra, readings) {
      const age = asset.laid_year ? props.this_year - asset.laid_year : null;
      const rows: [string, string | null | undefined][] = [
        [t("Name"), asset.name],
        [t("Diameter"), asset.diameter_mm === null ? null : quantity(asset.diameter_mm, "mm", 0)],
        [t("Length"), asset.length_m === null ? null : quantity(asset.length_m, "m", 1)],
        [t("Material"), asset.material && (props.materials[asset.material] ?? asset.material)],
        [t("Laid"), asset.laid_year === null ? null : t("{year} ({age} years)", { year: asset.laid_year, age })],
        [t("Elevation"), asset.elevation_m === null ? null : quantity(asset.elevation_m, "m", 1)],
        [t("Zone"), asset.zone],
        ...extra,
      ];
      const list = facts(rows);
      const [start, stop] = [end(asset.start), end(asset.end)];
      if (start && stop) list.append(h("dt", {}, t("From – to")), h("dd", {}, start, " – ", stop));
      const live = readings.length
        ? h("ul", { class: "nw-readings" }, ...readings.map((one) =>
            h("li", {}, one.href ? h("a", { href: one.href }, one.label) : h("span", {}, one.label), h("b", {}, one.text))))
        : null;
      const traces = h("div", { class: "nw-card-deeds" }, ...(Object.entries(DIRECTIONS()) as [Direction, string][]).map(([direction, label]) =>
        h("button", { type: "button", class: "btn btn-sm", click: () => trace(asset.code, direction) }, label)));
      show(props.kinds[asset.kind] ?? asset.kind, asset.code, list, live, traces,
        h("footer", {}, h("a", { class: "btn btn-primary btn-sm", href: asset.url }, t("Open the page"), icon("right"))));
    },
    reading(reading, layer) {
      const value = reading.text ? h("p", { class: "nw-value", "data-quality": reading.quality }, reading.text) : null;
      const quality = reading.quality ? (QUALITIES()[reading.quality] ?? number(reading.quality)) : null;
      show(layer.label, reading.label || reading.key, value, facts([[t("Quality"), quality], [t("Note"), reading.note]]),
        reading.href ? h("footer", {}, h("a", { class: "btn btn-primary btn-sm", href: reading.href }, t("Open the page"), icon("right"))) : null);
    },
    other(kind, code, name, href) {
      show(kind, code, facts([[t("Name"), name]]), h("footer", {}, h("a", { class: "btn btn-primary btn-sm", href }, t("Open the page"), icon("right"))));
    },
    close() {
      el.hidden = true;
    },
  };
}
