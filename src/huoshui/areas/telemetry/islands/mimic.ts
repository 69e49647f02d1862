/**
 * Keeps drawings up to date: every part with `data-point` follows that point, as `data-show` says.
 *
 *     {% island "telemetry/mimic" props %}   with props = {points: {code: {name, unit, decimals}}, point_url}
 *
 * The drawings themselves stand in the page, in elements of the class `mm-drawing`. A bound part
 * leads to its point's page, by click and by keyboard.
 */
import { type LiveItem, subscribe } from "@ui/live";
import { apply, type Fresh, type PointFacts } from "./mimic/effects";
import "./mimic/mimic.css";

interface Props {
  points: Record<string, PointFacts>;
  /** Address of a point's page, with CODE in the place of its code. */
  point_url: string;
}

type Item = LiveItem & Fresh;

export function start(_el: HTMLElement, given: unknown): () => void {
  const props = given as Props;
  const parts = new Map<string, SVGElement[]>();
  for (const part of document.querySelectorAll<SVGElement>(".mm-drawing [data-point]")) {
    const code = part.dataset.point ?? "";
    parts.set(code, [...(parts.get(code) ?? []), part]);
    prepare(part, code, props);
  }
  const show = (item: Item) => {
    const facts = props.points[item.key];
    if (facts) for (const part of parts.get(item.key) ?? []) apply(part, item, facts);
  };
  const codes = [...parts.keys()];
  return codes.length ? subscribe<Item>("values", codes, (items) => items.forEach(show)) : () => undefined;
}

function prepare(part: SVGElement, code: string, props: Props): void {
  const facts = props.points[code];
  if (!facts) return;
  apply(part, { value: null, quality: 4, alarm: false }, facts);
  if (part.dataset.show === "alarm") return;
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  title.textContent = facts.name;
  // A text's own words are replaced with each value, and a title within them too.
  if ((part.dataset.show ?? "value") !== "value") part.prepend(title);
  part.setAttribute("role", "link");
  part.setAttribute("tabindex", "0");
  part.setAttribute("aria-label", facts.name);
  const open = () => window.location.assign(props.point_url.replace("CODE", encodeURIComponent(code)));
  part.addEventListener("click", open);
  part.addEventListener("keydown", (event) => event.key === "Enter" && open());
}
