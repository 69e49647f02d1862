/**
 * Live values: `subscribe("values", ["n1.pressure"], (items) => ...)` returns the way to stop.
 *
 * All tabs of a browser share one connection per stream. While the line is down the page says so
 * (attribute `data-live="lost"` on the root element); what was missed comes with the next values.
 */
import { Hub, type LiveItem, type News, type Wish } from "./live-hub";

export type { LiveItem } from "./live-hub";

interface Subscription {
  stream: string;
  keys: Set<string> | null;
  onItems: (items: LiveItem[]) => void;
}

const subscriptions = new Map<string, Subscription>();
const lost = new Set<string>();
const LOST_SHOWN_MS = 3000;
let wish: ((wish: Wish) => void) | undefined;
let count = 0;

function hear(news: News): void {
  if (news.tell === "state") {
    if (news.connected) lost.delete(news.stream);
    else lost.add(news.stream);
    // A short break heals by itself and is not worth alarming anybody.
    window.setTimeout(() => {
      if (lost.size) document.documentElement.dataset.live = "lost";
      else delete document.documentElement.dataset.live;
    }, news.connected ? 0 : LOST_SHOWN_MS);
    return;
  }
  for (const one of subscriptions.values()) {
    if (one.stream !== news.stream) continue;
    const keys = one.keys;
    const items = keys ? news.items.filter((item) => keys.has(item.key)) : news.items;
    if (items.length) one.onItems(items);
  }
}

function connect(): (wish: Wish) => void {
  if (typeof SharedWorker === "undefined") return new Hub("/live/").join(hear);
  const worker = new SharedWorker(new URL("./live.worker.ts", import.meta.url), { type: "module", name: "huoshui-live" });
  worker.port.onmessage = (message: MessageEvent<News>) => hear(message.data);
  worker.port.start();
  return (message) => worker.port.postMessage(message);
}

/** Say what this page wants, again after it comes back from the browser's memory. */
function announce(): void {
  wish = connect();
  for (const [id, one] of subscriptions)
    wish({ do: "subscribe", id, stream: one.stream, keys: one.keys ? [...one.keys] : null });
}

if (typeof window !== "undefined") {
  window.addEventListener("pagehide", () => {
    wish?.({ do: "leave" });
    wish = undefined;
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && subscriptions.size) announce();
  });
}

/** Listen to a stream; `keys` of null means everything. Returns the way to stop. */
export function subscribe<T extends LiveItem>(
  stream: string,
  keys: readonly string[] | null,
  onItems: (items: T[]) => void,
): () => void {
  const id = String(++count);
  subscriptions.set(id, { stream, keys: keys ? new Set(keys) : null, onItems: onItems as (items: LiveItem[]) => void });
  wish ??= connect();
  wish({ do: "subscribe", id, stream, keys: keys ? [...keys] : null });
  return () => {
    subscriptions.delete(id);
    wish?.({ do: "unsubscribe", id });
  };
}
