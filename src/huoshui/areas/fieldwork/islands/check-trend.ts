/**
 * One number of an asset through its checks: dots joined by a line, and the limits of its list.
 *
 *     {% island "fieldwork/check-trend" props height="220px" %}
 */
import { createChart } from "@ui/chart";
import { option, type CheckTrend } from "./lib/check-trend-option";

export function start(el: HTMLElement, props: unknown): () => void {
  return createChart(el, (look) => option(props as CheckTrend, look)).dispose;
}
