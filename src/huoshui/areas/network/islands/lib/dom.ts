/** Elements, and the few icons that the map draws itself. */
export { h } from "@ui/dom";

const PATHS: Record<string, string> = {
  search: "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12M20 20l-5.6-5.6",
  close: "M6 6l12 12M18 6L6 18",
  layers: "M12 4l8 4-8 4-8-4zM4 12l8 4 8-4M4 16l8 4 8-4",
  whole: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  chevron: "M6 15l6-6 6 6",
  right: "M9 6l6 6-6 6",
};

/** Draw one of the few icons the map needs. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const set = { viewBox: "0 0 24 24", width: "20", height: "20", fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" };
  for (const [key, value] of Object.entries(set)) svg.setAttribute(key, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name] ?? "");
  svg.append(path);
  return svg;
}
