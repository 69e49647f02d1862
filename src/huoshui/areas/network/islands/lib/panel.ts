/** The panel beside the map: what colours the pipes, the legend with counts, and the layers. */
import { moment, number } from "@ui/format";
import { t } from "@ui/i18n";
import type { Scheme } from "./classes";
import { h, icon } from "./dom";
import type { Overlay } from "./overlay";

export interface Switch {
  id: string;
  label: string;
  shown: boolean;
  set(shown: boolean): void;
  count?: () => number;
  overlay?: Overlay;
}

export interface PanelChoices {
  schemes: { id: string; label: string }[];
  chosen: string;
  choose(id: string): void;
  isolate(at: number | null): void;
  switches: Switch[];
  side: DocumentFragment | null;
}

export interface Panel {
  el: HTMLElement;
  legend(scheme: Scheme, dark: boolean, only: number | null, at: string | null): void;
  counts(): void;
}

export function panel(choices: PanelChoices): Panel {
  const legend = h("ul", { class: "nw-legend" });
  const asOf = h("p", { class: "nw-asof" });
  const title = h("span", { class: "nw-panel-now" });
  const select = h(
    "div", { class: "nw-schemes", role: "radiogroup", "aria-label": t("Pipes coloured by") },
    ...choices.schemes.map((one) =>
      h("button", { type: "button", role: "radio", "data-id": one.id, "aria-checked": String(one.id === choices.chosen),
        click: () => choices.choose(one.id) }, one.label)),
  );
  const counters: [HTMLElement, () => number][] = [];
  const tints: [HTMLElement, Overlay][] = [];
  const rows = choices.switches.map((one) => {
    const count = h("em");
    const dot = h("i", { class: "nw-dot" });
    if (one.overlay) tints.push([dot, one.overlay]);
    if (one.count) counters.push([count, one.count]);
    const box = h("input", { type: "checkbox", class: "form-check-input", checked: one.shown,
      change: (event: Event) => one.set((event.target as HTMLInputElement).checked) });
    const entries = one.overlay?.given.legend.filter((entry) => entry.colour) ?? [];
    return h("li", {},
      h("label", {}, box, h("span", {}, one.label), one.overlay ? dot : null, count),
      entries.length ? h("ul", { class: "nw-entries" }, ...entries.map((entry) => {
        const sign = h("i", { "data-shape": entry.shape });
        sign.style.setProperty("--nw-entry", entry.colour);
        return h("li", {}, sign, entry.label);
      })) : null);
  });
  const body = h("div", { class: "nw-panel-body" },
    h("h2", {}, t("Pipes coloured by")), select, legend, asOf,
    rows.length ? h("h2", {}, t("Layers")) : null, h("ul", { class: "nw-switches" }, ...rows));
  if (choices.side?.textContent?.trim()) {
    const side = h("div", { class: "nw-panel-side" });
    side.append(choices.side);
    body.append(side);
  }
  const el = h("aside", { class: "nw-panel", "aria-label": t("Legend and layers") });
  const toggle = h("button", { type: "button", class: "nw-panel-toggle", "aria-expanded": "false",
    click: () => {
      const open = el.toggleAttribute("data-open");
      toggle.setAttribute("aria-expanded", String(open));
    } }, icon("layers"), h("span", {}, t("Legend and layers")), title, icon("chevron"));
  el.append(toggle, body);

  return {
    el,
    legend(scheme, dark, only, at) {
      asOf.textContent = at ? t("As of {moment}", { moment: moment(at) }) : "";
      title.textContent = scheme.title;
      for (const button of select.children) button.setAttribute("aria-checked", String((button as HTMLElement).dataset.id === scheme.id));
      const unit = scheme.unit ? ` ${scheme.unit}` : "";
      const last = scheme.classes.length - 1;
      legend.replaceChildren(...scheme.classes.flatMap((one, at) => {
        // Classes without a pipe would only make the legend longer.
        if (!one.pipes) return [];
        const sign = h("i");
        sign.style.background = dark ? one.dark : one.light;
        if (scheme.id === "diameter" && at < last) sign.style.height = `${2 + at * 1.4}px`;
        return [h("li", {}, h("button", { type: "button", "aria-pressed": String(only === at), title: t("Show only these"),
          click: () => choices.isolate(only === at ? null : at) },
          sign, h("span", {}, one.label + (at < last ? unit : "")), h("em", {}, number(one.pipes))))];
      }));
      // Figures of the moment may not be there yet: say so instead of showing an empty legend.
      if (!legend.childElementCount) legend.append(h("li", { class: "nw-none" }, t("No figures yet.")));
      legend.toggleAttribute("data-isolated", only !== null);
    },
    counts() {
      for (const [el, count] of counters) el.textContent = count() ? number(count()) : "";
      for (const [el, overlay] of tints) el.style.background = overlay.tint();
    },
  };
}
