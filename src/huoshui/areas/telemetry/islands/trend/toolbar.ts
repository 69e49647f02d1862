/** The small parts of the chart's toolbar. */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";

const DAY_MS = 86_400_000;

export const SPANS = { day: DAY_MS, week: 7 * DAY_MS, month: 31 * DAY_MS, year: 365 * DAY_MS };
export type SpanName = keyof typeof SPANS;

/** Buttons for the four spans; `mark` shows which one the view has now, if any. */
export function spanButtons(choose: (span: SpanName) => void): { el: HTMLElement; mark: (span_ms: number) => void } {
  const names: Record<SpanName, string> = { day: t("Day"), week: t("Week"), month: t("Month"), year: t("Year") };
  const buttons = (Object.keys(SPANS) as SpanName[]).map((span) => {
    const button = h("button", { type: "button", class: "btn btn-sm", "data-span": span }, names[span]);
    button.addEventListener("click", () => choose(span));
    return button;
  });
  return {
    el: h("div", { class: "btn-group", role: "group", "aria-label": t("Period") }, ...buttons),
    mark: (span_ms) => {
      for (const button of buttons) {
        const wanted = SPANS[button.dataset.span as SpanName];
        const on = Math.abs(span_ms / wanted - 1) < 0.02;
        button.classList.toggle("active", on);
        button.setAttribute("aria-pressed", String(on));
      }
    },
  };
}

/** A labelled check box. */
export function toggle(label: string, on: boolean, change: (on: boolean) => void): HTMLElement {
  const box = h("input", { type: "checkbox", class: "form-check-input" });
  box.checked = on;
  box.addEventListener("change", () => change(box.checked));
  return h("label", { class: "form-check form-check-inline trend-check" }, box, h("span", { class: "form-check-label" }, label));
}

/** A small button whose sign needs words for those who cannot see it. */
export function stepButton(label: string, text: string, act: () => void): HTMLElement {
  const made = h("button", { type: "button", class: "btn btn-sm", "aria-label": label, title: label }, text);
  made.addEventListener("click", act);
  return made;
}
