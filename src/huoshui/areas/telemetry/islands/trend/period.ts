/** Two boxes for a period of one's own, on the city's clock. */
import { h } from "@ui/dom";
import { parts } from "@ui/format";
import { t } from "@ui/i18n";

const two = (value: number) => String(value).padStart(2, "0");

/** Write a moment as a browser's date box wants it, on the city's clock. */
export function boxText(at_ms: number, zone?: string): string {
  const { year, month, day, hour, minute } = zone === undefined ? parts(at_ms) : parts(at_ms, zone);
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

/** Read such a text; null where it is no moment. `unshift` leads from the city's clock to UTC. */
export function boxMoment(text: string, unshift: (ms: number) => number): number | null {
  // Browsers read half a date as a whole one.
  const shifted = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  return Number.isFinite(shifted) ? unshift(shifted) : null;
}

export interface PeriodBox {
  el: HTMLElement;
  set: (from_ms: number, until_ms: number) => void;
}

export function periodBox(unshift: (ms: number) => number, choose: (from_ms: number, until_ms: number) => void): PeriodBox {
  const box = (label: string) => h("input", { type: "datetime-local", class: "form-control form-control-sm", "aria-label": label });
  const [from, until] = [box(t("From")), box(t("Until"))];
  const changed = () => {
    const [begin, end] = [boxMoment(from.value, unshift), boxMoment(until.value, unshift)];
    const wrong = begin === null || end === null || end <= begin;
    until.classList.toggle("is-invalid", wrong);
    if (!wrong) choose(begin, end);
  };
  for (const one of [from, until]) one.addEventListener("change", changed);
  return {
    el: h("span", { class: "trend-own-period" }, from, h("span", {}, "–"), until),
    set: (from_ms, until_ms) => {
      if (document.activeElement !== from) from.value = boxText(from_ms);
      if (document.activeElement !== until) until.value = boxText(until_ms);
    },
  };
}
