/**
 * The number of alarms that nobody has acknowledged, in the bar of every page.
 *
 *     {% island "telemetry/alarm-bell" %}
 *
 * Hidden while there is none; the stream's items say how many wait.
 */
import { number } from "@ui/format";
import { type LiveItem, subscribe } from "@ui/live";
import "./bell.css";

/** Return how many wait by the newest of the stream's items, or undefined when they do not say. */
export function waitingOf(items: readonly Pick<LiveItem, string>[]): number | undefined {
  const told = items.map((item) => item.waiting).filter((one): one is number => typeof one === "number");
  return told.at(-1);
}

export function start(el: HTMLElement): () => void {
  const count = document.createElement("span");
  count.className = "tm-bell-count";
  count.hidden = true;
  el.replaceChildren(count);
  return subscribe("alarms", null, (items) => {
    const waiting = waitingOf(items);
    if (waiting === undefined) return;
    count.textContent = number(waiting, 0);
    count.hidden = waiting === 0;
  });
}
