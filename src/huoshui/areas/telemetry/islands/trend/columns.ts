/** Lines of a chart as columns, as the API sends them, and what is read out of them. */

export interface Limits {
  low_low: number | null;
  low: number | null;
  high: number | null;
  high_high: number | null;
}

/** One stretch of readings that are not good: from, until, quality. */
export type Run = [number, number, number];

export interface SentLine {
  code: string;
  name: string;
  kind: string;
  unit: string;
  decimals: number;
  expected_every_s: number | null;
  limits: Limits;
  resolution: string;
  readings_total: number;
  start_ms: number | null;
  step_ms: number[];
  value: (number | null)[];
  low?: (number | null)[];
  high?: (number | null)[];
  runs: Run[];
}

export interface Line extends Omit<SentLine, "start_ms" | "step_ms"> {
  at_ms: number[];
}

export interface SentBand {
  start_ms: number | null;
  step_ms: number;
  low: (number | null)[];
  middle: (number | null)[];
  high: (number | null)[];
  weeks: number;
  weeks_min: number;
  width: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Add the steps up to moments. */
export function lineOf(sent: SentLine): Line {
  const { start_ms, step_ms, ...rest } = sent;
  const at_ms: number[] = [];
  if (start_ms !== null) {
    let at = start_ms;
    at_ms.push(at);
    for (const step of step_ms) at_ms.push((at += step));
  }
  return { ...rest, at_ms };
}

/** How many readings of a line lie in a period; null where it was thinned, so that nobody counted. */
export function readingsIn(line: Line, from_ms: number, until_ms: number): number | null {
  if (line.at_ms.length !== line.readings_total) return line.readings_total ? null : 0;
  return line.at_ms.filter((at) => at >= from_ms && at < until_ms).length;
}

/** The usual time between two points of a line: the median of some of its steps. */
export function stepMs(line: Line): number {
  const steps: number[] = [];
  const every = Math.max(1, Math.floor(line.at_ms.length / 500));
  for (let i = every; i < line.at_ms.length; i += every)
    steps.push((line.at_ms[i] as number) - (line.at_ms[i - 1] as number));
  steps.sort((a, b) => a - b);
  const usual = steps[Math.floor(steps.length / 2)] ?? 0;
  return line.resolution === "hourly" ? Math.max(HOUR_MS, usual) : usual;
}

/** Merge hours into the days of the city's calendar: a year of hours is a blur, its days are not. */
export function byDay(line: Line, shift: (ms: number) => number): Line {
  const { low, high } = line;
  if (!low || !high) return line;
  const days: Line = { ...line, at_ms: [], value: [], low: [], high: [] };
  for (let i = 0; i < line.at_ms.length; ) {
    const day = Math.floor(shift(line.at_ms[i] as number) / DAY_MS);
    let [sum, count, at, lowest, highest] = [0, 0, 0, Infinity, -Infinity];
    for (; i < line.at_ms.length && Math.floor(shift(line.at_ms[i] as number) / DAY_MS) === day; i++) {
      const [value, bottom, top] = [line.value[i], low[i], high[i]];
      if (value == null || bottom == null || top == null) continue;
      sum += value;
      count += 1;
      at += line.at_ms[i] as number;
      lowest = Math.min(lowest, bottom);
      highest = Math.max(highest, top);
    }
    if (!count) continue;
    days.at_ms.push(Math.round(at / count));
    days.value.push(sum / count);
    (days.low as number[]).push(lowest);
    (days.high as number[]).push(highest);
  }
  return days;
}

/** How long two readings may lie apart before the line between them would be an invention. */
export function gapMs(line: Line): number {
  // Hours may stand for several where a long period was thinned; then their step is the usual one.
  if (line.resolution === "hourly") return 1.5 * stepMs(line);
  return Math.max(3000 * (line.expected_every_s ?? 0), 4 * stepMs(line), 1000);
}

/** Pairs for the chart, moments shifted to the city's clock, with a hole in every gap. */
export function pairs(
  at_ms: readonly number[],
  column: readonly (number | null)[],
  gap: number,
  shift: (ms: number) => number,
): [number, number | null][] {
  const found: [number, number | null][] = [];
  let before = Number.NaN;
  for (let i = 0; i < at_ms.length; i++) {
    const at = at_ms[i] as number;
    if (at - before > gap) found.push([shift(before + 1), null]);
    found.push([shift(at), column[i] ?? null]);
    before = at;
  }
  return found;
}

/** The quality of a moment: good unless a run covers it. */
export function qualityAt(line: Line, at: number): number {
  return line.runs.find(([from, until]) => at >= from && at <= until)?.[2] ?? 0;
}

/** Put a new reading at the end; false when it is not newer or the line shows hours. */
export function append(line: Line, at: number, value: number | null, quality: number): boolean {
  const latest = line.at_ms.at(-1);
  if (line.resolution === "hourly" || (latest !== undefined && at <= latest)) return false;
  line.at_ms.push(at);
  line.value.push(value);
  line.readings_total += 1;
  if (quality !== 0) {
    const run = line.runs.at(-1);
    if (run && run[1] === latest && run[2] === quality) run[1] = at;
    else line.runs.push([at, at, quality]);
  }
  return true;
}

/** The band's value at a moment: low, middle and high of its hour. */
export function bandAt(band: SentBand | null, at: number): [number, number, number] | null {
  if (!band || band.start_ms === null) return null;
  const i = Math.round((at - band.start_ms) / band.step_ms);
  const [low, middle, high] = [band.low[i], band.middle[i], band.high[i]];
  return low == null || middle == null || high == null ? null : [low, middle, high];
}
