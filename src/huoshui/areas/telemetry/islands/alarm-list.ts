/**
 * Keeps the list of alarms up to date: when an alarm comes, goes or is acknowledged, the list is
 * fetched again with the reader's own filters.
 *
 *     {% island "telemetry/alarm-list" %}
 */
import { subscribe } from "@ui/live";
import "./trend/live.css";

const REST_MS = 700;

export function start(): () => void {
  let waiting: number | undefined;
  const fetchAgain = async () => {
    const list = document.getElementById("list");
    // Never under the reader's hands: a button with the focus would jump away.
    if (!list || list.contains(document.activeElement)) return;
    const answer = await fetch(window.location.href, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("list");
    if (fresh) list.replaceWith(fresh);
  };
  // The first items are the standing alarms, which the page shows already; fetching it once more
  // costs less than missing the first alarm of a quiet city, where no such items come.
  const stop = subscribe("alarms", null, () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => void fetchAgain(), REST_MS);
  });
  return () => {
    stop();
    window.clearTimeout(waiting);
  };
}
