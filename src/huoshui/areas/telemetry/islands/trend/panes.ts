/** How lines share axes, and how panes share the height of the chart. */
import type { Line } from "./columns";
import type { Layout, Scale } from "./state";

export interface AxisGroup {
  unit: string;
  lines: Line[];
  /** Places of the lines among all lines, which give their colours. */
  places: number[];
  scale: Scale;
}

interface Sharing {
  lines: Line[];
  layout: Layout;
  own: ReadonlySet<string>;
  hidden: ReadonlySet<string>;
  scales: ReadonlyMap<string, Scale>;
}

/** Put lines that share an axis together: those of one unit, unless a line wants its own. */
export function axisGroups({ lines, own, hidden, scales }: Sharing): AxisGroup[] {
  const groups = new Map<string, AxisGroup>();
  lines.forEach((line, place) => {
    if (hidden.has(line.code)) return;
    const key = own.has(line.code) ? `own ${line.code}` : `unit ${line.unit}`;
    const group = groups.get(key) ?? { unit: line.unit, lines: [], places: [], scale: [null, null] };
    group.lines.push(line);
    group.places.push(place);
    const [low, high] = scales.get(line.code) ?? [null, null];
    group.scale = [low ?? group.scale[0], high ?? group.scale[1]];
    groups.set(key, group);
  });
  return [...groups.values()];
}

export const PANE_PX = 150;
export const PANE_GAP = 34;
const FIRST_TOP = 30;
const FOOT = 26;

/** How high the chart's place must be for so many panes; null leaves it to the style sheet. */
export function heightFor(count: number): number | null {
  return count < 2 ? null : FIRST_TOP + count * (PANE_PX + PANE_GAP) - PANE_GAP + FOOT;
}

/** Where each pane lies. One pane takes what there is; several have one height each. */
export function panes(count: number): ({ top: number; bottom: number } | { top: number; height: number })[] {
  if (count < 2) return [{ top: FIRST_TOP, bottom: FOOT }];
  return Array.from({ length: count }, (_, i) => ({ top: FIRST_TOP + i * (PANE_PX + PANE_GAP), height: PANE_PX }));
}
