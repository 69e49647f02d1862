/**
 * How many notices the reader has not opened, beside the envelope in the bar of every page.
 *
 *     {% island "notices/inbox" {"key": "..."} %}
 */
import { number } from "@ui/format";
import { type LiveItem, subscribe } from "@ui/live";

export function start(el: HTMLElement, props: { key: string }): () => void {
  const count = document.createElement("span");
  count.className = "hs-count";
  count.hidden = true;
  el.replaceChildren(count);
  return subscribe("notices", [props.key], (items: Pick<LiveItem, string>[]) => {
    const unread = items.map((item) => item.unread).filter((one): one is number => typeof one === "number").at(-1);
    if (unread === undefined) return;
    count.textContent = unread > 99 ? "99+" : number(unread, 0);
    count.hidden = unread === 0;
  });
}
