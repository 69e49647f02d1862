/**
 * How pipes are put into classes and coloured: pure, so that it is tested without a map.
 *
 * A scheme is a list of classes, each with a colour for light and one for dark ground, and the
 * MapLibre expression that gives a pipe's class number. The last class is always "not known".
 */
import type { ExpressionSpecification } from "maplibre-gl";
import type { ColoringGiven, Count } from "./types";

export interface Class {
  label: string;
  light: string;
  dark: string;
  pipes: number;
}

export interface Scheme {
  id: string;
  title: string;
  unit: string;
  classes: Class[];
  index: ExpressionSpecification;
}

const NOT_KNOWN = { light: "#9aa5b1", dark: "#5f6b78" };

const DIAMETER = {
  light: ["#7fc8e8", "#3fa7d6", "#1976b8", "#14508f", "#3b2f80", "#5d1a66"],
  dark: ["#2e6f93", "#3f9ac6", "#5fc3e4", "#9be3ee", "#e3f7c9", "#ffe9a8"],
};
const AGE = {
  light: ["#1f9e89", "#6aaf50", "#bfae2a", "#e8912d", "#dd5f33", "#a92f3f"],
  dark: ["#35c2a8", "#8fd06a", "#e0d052", "#ffb054", "#ff7f50", "#ef5d70"],
};
const MOMENT = {
  light: ["#b9c9d6", "#6fb7d9", "#2b8cc4", "#4a5fc1", "#7a3fb8", "#b3268f"],
  dark: ["#3c4c5a", "#3d86a8", "#45b4e0", "#8d9bff", "#c58bff", "#ff8be0"],
};
const MATERIAL: Record<string, [string, string]> = {
  ductile_iron: ["#2f6fb2", "#5aa2e6"],
  grey_cast_iron: ["#8a5a44", "#c99073"],
  steel: ["#5c6f82", "#a3b6c9"],
  pe: ["#2a9d5c", "#4fce8a"],
  pvc: ["#9a5fc0", "#c795e8"],
  concrete: ["#a68a2d", "#d8bd5a"],
  asbestos_cement: ["#cf5a3c", "#ff8a68"],
  glass_fibre: ["#1fa3a3", "#56d4d4"],
};

/** Colours for any number of classes, spread over a palette. */
export function spread(palette: string[], count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const place = count < 2 ? palette.length - 1 : Math.round((at * (palette.length - 1)) / (count - 1));
    return palette[place] ?? palette[0] ?? "#888888";
  });
}

/** The class of a value: the first whose upper limit it does not exceed; the last is open. */
export function classOf(value: number, breaks: readonly number[]): number {
  const found = breaks.findIndex((limit) => value <= limit);
  return found < 0 ? breaks.length : found;
}

/** How the limits of a class are written. */
export function rangeText(breaks: readonly number[], at: number, shown = (n: number) => String(n)): string {
  const low = breaks[at - 1];
  const high = breaks[at];
  if (low === undefined) return `≤ ${shown(high ?? 0)}`;
  return high === undefined ? `> ${shown(low)}` : `${shown(low)}–${shown(high)}`;
}

/** `step` in MapLibre includes the lower limit; ours exclude it, so limits move up by a hair. */
function stepIndex(input: ExpressionSpecification, breaks: readonly number[]): ExpressionSpecification {
  const parts: unknown[] = ["step", input, 0];
  breaks.forEach((limit, at) => parts.push(limit + 1e-6 * Math.max(1, Math.abs(limit)), at + 1));
  return parts as ExpressionSpecification;
}

function ordered(
  breaks: readonly number[],
  palette: { light: string[]; dark: string[] },
  unknownLabel: string,
  shown?: (n: number) => string,
): Class[] {
  const light = spread(palette.light, breaks.length + 1);
  const dark = spread(palette.dark, breaks.length + 1);
  const classes = light.map((colour, at) => ({
    label: rangeText(breaks, at, shown),
    light: colour,
    dark: dark[at] ?? colour,
    pipes: 0,
  }));
  return [...classes, { label: unknownLabel, ...NOT_KNOWN, pipes: 0 }];
}

function counted(classes: Class[], counts: Iterable<readonly [at: number, pipes: number]>): Class[] {
  const found = classes.map((one) => ({ ...one }));
  for (const [at, pipes] of counts) {
    const one = found[at];
    if (one) one.pipes += pipes;
  }
  return found;
}

/** Pipes by diameter. */
export function byDiameter(title: string, breaks: number[], counts: Count[], unknown: string): Scheme {
  const last = breaks.length + 1;
  const classes = counted(
    ordered(breaks, DIAMETER, unknown),
    counts.map(([mm, , , pipes]) => [mm == null ? last : classOf(mm, breaks), pipes]),
  );
  const index: ExpressionSpecification = [
    "case",
    ["has", "diameter_mm"],
    stepIndex(["to-number", ["get", "diameter_mm"]], breaks),
    last,
  ];
  return { id: "diameter", title, unit: "mm", classes, index };
}

/** Pipes by years since they were laid. */
export function byAge(
  title: string,
  unit: string,
  breaks: number[],
  counts: Count[],
  thisYear: number,
  unknown: string,
): Scheme {
  const last = breaks.length + 1;
  const classes = counted(
    ordered(breaks, AGE, unknown),
    counts.map(([, , year, pipes]) => [year == null ? last : classOf(thisYear - year, breaks), pipes]),
  );
  const index: ExpressionSpecification = [
    "case",
    ["has", "laid_year"],
    stepIndex(["-", thisYear, ["to-number", ["get", "laid_year"]]], breaks),
    last,
  ];
  return { id: "age", title, unit, classes, index };
}

/** Pipes by material: those there are, the most frequent first. */
export function byMaterial(
  title: string,
  names: Record<string, string>,
  counts: Count[],
  unknown: string,
): Scheme {
  const pipes = new Map<string, number>();
  for (const [, material, , count] of counts) pipes.set(material, (pipes.get(material) ?? 0) + count);
  const known = [...pipes.keys()].filter(Boolean).sort((a, b) => (pipes.get(b) ?? 0) - (pipes.get(a) ?? 0));
  const classes: Class[] = known.map((code) => {
    const [light, dark] = MATERIAL[code] ?? [NOT_KNOWN.light, NOT_KNOWN.dark];
    return { label: names[code] ?? code, light, dark, pipes: pipes.get(code) ?? 0 };
  });
  classes.push({ label: unknown, ...NOT_KNOWN, pipes: pipes.get("") ?? 0 });
  const parts: unknown[] = ["match", ["coalesce", ["get", "material"], ""]];
  known.forEach((code, at) => parts.push(code, at));
  const index = known.length
    ? ([...parts, known.length] as unknown as ExpressionSpecification)
    : (["literal", 0] as unknown as ExpressionSpecification);
  return { id: "material", title, unit: "", classes, index };
}

/** Pipes by figures of the moment, kept as feature state `v`; classes go by magnitude. */
export function byMoment(given: ColoringGiven, values: Map<number, number>, unknown: string): Scheme {
  const last = given.breaks.length + 1;
  const shown = (n: number) => n.toLocaleString("en-US", { maximumFractionDigits: given.decimals });
  const classes = counted(
    ordered(given.breaks, MOMENT, unknown, shown),
    [...values.values()].map((value) => [classOf(Math.abs(value), given.breaks), 1]),
  );
  const index: ExpressionSpecification = [
    "case",
    ["==", ["feature-state", "v"], null],
    last,
    stepIndex(["abs", ["to-number", ["feature-state", "v"], 0]], given.breaks),
  ];
  return { id: given.id, title: given.label, unit: given.unit, classes, index };
}

/** The colour of each pipe. */
export function colourOf(scheme: Scheme, dark: boolean): ExpressionSpecification {
  const colours = scheme.classes.map((one) => (dark ? one.dark : one.light));
  const fallback = colours[colours.length - 1] ?? NOT_KNOWN.light;
  if (colours.length < 2) return ["literal", fallback] as unknown as ExpressionSpecification;
  const parts: unknown[] = ["match", scheme.index];
  colours.forEach((colour, at) => parts.push(at, colour));
  return [...parts, fallback] as unknown as ExpressionSpecification;
}

/** How strong each pipe is drawn: all, or only those of one class. */
export function strengthOf(scheme: Scheme, only: number | null): ExpressionSpecification | number {
  if (only === null || scheme.classes.length < 2) return 1;
  return ["case", ["==", scheme.index, only], 1, 0.12];
}
