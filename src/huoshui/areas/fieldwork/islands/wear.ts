/**
 * A sign of wear through its days: dots, the trend with its fan, and the limit it leads to.
 *
 *     {% island "fieldwork/wear" props height="340px" %}
 */
import { createChart } from "@ui/chart";
import { option, type Wear } from "./lib/wear-option";

export function start(el: HTMLElement, props: unknown): () => void {
  return createChart(el, (look) => option(props as Wear, look)).dispose;
}
