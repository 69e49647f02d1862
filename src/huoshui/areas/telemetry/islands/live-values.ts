/**
 * Keeps the values written on a page up to date: every element with `data-live-point="code"`.
 *
 *     {% island "telemetry/live-values" live %}   with live = {speed}
 *
 * Inside such an element, `data-live="value"`, `"age"` and `"quality"` mark what to replace. A value
 * that changed is tinted for a moment, so that one sees the city live.
 */
import { duration, number } from "@ui/format";
import { t } from "@ui/i18n";
import { type LiveItem, subscribe } from "@ui/live";
import { qualityName } from "./trend/option";
import "./trend/live.css";

interface Props {
  /** The city's clock when the page was made, and how fast it runs. */
  now_ms: number;
  speed: number;
}

interface ValueItem extends LiveItem {
  at: string;
  value: number | null;
  quality: number;
  alarm: boolean;
}

const FEW = 5;
const COLOURS = ["green", "azure", "orange", "red", "secondary"];

/** The city's present moment, counted on from when the page was made. */
export function cityNow(props: Props, made_ms: number, now_ms: number): number {
  return props.now_ms + (now_ms - made_ms) * props.speed;
}

function showAge(el: HTMLElement, now: number): void {
  const at = Number(el.dataset.at);
  if (!at) return;
  el.textContent = t("{span} ago", { span: duration(Math.max(0, now - at) / 1000) });
}

function showItem(row: HTMLElement, item: ValueItem): void {
  const value = row.querySelector<HTMLElement>('[data-live="value"]') ?? (row.dataset.live === "value" ? row : null);
  if (value) {
    const text = number(item.value, Number(value.dataset.decimals ?? 2));
    if (value.textContent !== text) {
      value.textContent = text;
      value.classList.remove("live-changed");
      void value.offsetWidth;
      value.classList.add("live-changed");
    }
  }
  const quality = row.querySelector<HTMLElement>('[data-live="quality"]');
  if (quality) {
    quality.textContent = qualityName(item.quality);
    quality.className = `badge hs-badge bg-${COLOURS[item.quality] ?? "secondary"}-lt`;
  }
  const age = row.querySelector<HTMLElement>('[data-live="age"]');
  if (age) age.dataset.at = String(Date.parse(item.at));
}

export function start(_el: HTMLElement, given: unknown): () => void {
  const props = given as Props;
  const made = performance.now();
  const rows = () => [...document.querySelectorAll<HTMLElement>("[data-live-point]")];
  const tick = () => {
    const now = cityNow(props, made, performance.now());
    document.querySelectorAll<HTMLElement>('[data-live="age"]').forEach((el) => showAge(el, now));
  };
  const codes = [...new Set(rows().map((row) => row.dataset.livePoint ?? ""))];
  // A list follows everything: searching and paging bring other points to the same page.
  const stop = subscribe<ValueItem>("values", codes.length > FEW ? null : codes, (items) => {
    // The list may have been filtered or sorted meanwhile: look at what is there now.
    const fresh = new Map(items.map((item) => [item.key, item]));
    for (const row of rows()) {
      const item = fresh.get(row.dataset.livePoint ?? "");
      if (item) showItem(row, item);
    }
    tick();
  });
  tick();
  const ticking = window.setInterval(tick, 2000);
  return () => {
    stop();
    window.clearInterval(ticking);
  };
}
