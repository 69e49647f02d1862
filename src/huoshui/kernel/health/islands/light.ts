/**
 * The colour of the system's health in the bar of every page: nothing while all is in order, a dot
 * with the number of troubles else.
 *
 *     {% island "health/light" %}
 */
import { number } from "@ui/format";
import { type LiveItem, subscribe } from "@ui/live";

export interface State {
  level: string;
  troubles: number;
}

/** Return how it stands by the newest item, or undefined when none says. */
export function stateOf(items: readonly Pick<LiveItem, string>[]): State | undefined {
  const item = items.filter((one) => typeof one.level === "string").at(-1);
  if (!item) return undefined;
  const counts = (item.counts ?? {}) as Record<string, number>;
  return { level: String(item.level), troubles: (counts.warning ?? 0) + (counts.failing ?? 0) };
}

export function start(el: HTMLElement): () => void {
  const dot = document.createElement("span");
  dot.className = "hs-count";
  dot.hidden = true;
  el.replaceChildren(dot);
  return subscribe("health", null, (items) => {
    const state = stateOf(items);
    if (!state) return;
    dot.textContent = number(state.troubles, 0);
    dot.dataset.level = state.level;
    dot.hidden = state.level === "ok";
  });
}
