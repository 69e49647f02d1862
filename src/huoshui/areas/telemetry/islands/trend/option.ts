/** What the trend chart draws: lines, limits, band, flags and alarms, as one ECharts option. */
import type { EChartsCoreOption, Look } from "@ui/chart";
import { moment, number, quantity } from "@ui/format";
import { t } from "@ui/i18n";
import { bandAt, gapMs, type Line, pairs, qualityAt, type SentBand } from "./columns";

const AXIS_WIDTH = 56;
const AXES_MAX = 8;

export interface AlarmMark {
  raised_ms: number;
  point: string | null;
  label: string;
  message: string;
}

export interface View {
  from_ms: number;
  until_ms: number;
}

export interface Shown {
  lines: Line[];
  band: SentBand | null;
  alarms: AlarmMark[];
  view: View;
  limits: boolean;
  shift: (ms: number) => number;
  unshift: (ms: number) => number;
}

export function qualityName(quality: number): string {
  return [t("Good"), t("Estimated"), t("Doubtful"), t("Bad"), t("No value")][quality] ?? "";
}

function limitName(which: string): string {
  if (which === "low_low") return t("Far too low");
  if (which === "low") return t("Too low");
  return which === "high" ? t("Too high") : t("Far too high");
}

/** One value axis for each unit, alternately left and right. */
function axes(shown: Shown, look: Look): { units: string[]; option: object[] } {
  const units = [...new Set(shown.lines.map((line) => line.unit))];
  const option = units.map((unit, i) => {
    const limits = shown.lines
      .filter((line) => shown.limits && line.unit === unit)
      .flatMap((line) => [line.limits.low, line.limits.high])
      .filter((limit): limit is number => limit !== null);
    // A limit close to the values is brought into sight; one far away would flatten the line.
    const near = (range: { min: number; max: number }, towards: "min" | "max") => {
      const reach = Math.max(range.max - range.min, Math.abs(range.max) * 0.02) * 0.75;
      const wanted = limits.filter((limit) => limit >= range.min - reach && limit <= range.max + reach);
      const round = 10 ** Math.floor(Math.log10(reach || 1));
      if (towards === "min") {
        const lowest = Math.min(...wanted, range.min);
        return lowest < range.min ? Math.floor((lowest - reach * 0.05) / round) * round : null;
      }
      const highest = Math.max(...wanted, range.max);
      return highest > range.max ? Math.ceil((highest + reach * 0.05) / round) * round : null;
    };
    return {
      type: "value",
      show: true,
      scale: true,
      name: unit,
      position: i % 2 ? "right" : "left",
      offset: Math.floor(i / 2) * AXIS_WIDTH,
      splitLine: { show: i === 0 },
      nameGap: 10,
      min: (range: { min: number; max: number }) => near(range, "min"),
      max: (range: { min: number; max: number }) => near(range, "max"),
      axisLabel: { formatter: (value: number) => number(value), color: look.muted },
    };
  });
  // Charts merge axes by their place, so there are always as many. The first is seen by nobody: on
  // it alarm marks keep to the top whatever the values.
  const unused = Array.from({ length: AXES_MAX - option.length }, () => ({ type: "value", show: false, min: 0, max: 1 }));
  return { units, option: [{ type: "value", min: 0, max: 1, show: false }, ...option, ...unused] };
}

function stackedArea(name: string, axis: number, color: string, opacity: number, low: [number, number | null][], high: [number, number | null][]): object[] {
  const common = { type: "line", yAxisIndex: axis, stack: name, stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false }, emphasis: { disabled: true }, z: 1 };
  const difference = high.map(([at, top], i) => {
    const bottom = low[i]?.[1];
    return [at, top === null || bottom == null ? null : top - bottom];
  });
  return [
    { ...common, id: `${name} low`, name: `${name} low`, data: low },
    { ...common, id: `${name} high`, name: `${name} high`, data: difference, areaStyle: { color, opacity } },
  ];
}

function marks(line: Line, shown: Shown, look: Look): object {
  const colours = [look.good, look.accent, look.warning, look.bad, look.muted];
  const data = line.runs.map(([from, until, quality]) => [
    { xAxis: shown.shift(from), itemStyle: { color: colours[quality], opacity: 0.16 } },
    // A single bad reading would be a stripe of no width.
    { xAxis: shown.shift(Math.max(until, from + (shown.view.until_ms - shown.view.from_ms) / 400)) },
  ]);
  return { silent: true, data };
}

function limitLines(line: Line, look: Look, many: boolean): object {
  const data = Object.entries(line.limits)
    .filter((entry): entry is [string, number] => entry[1] !== null)
    .map(([which, value]) => ({
      yAxis: value,
      lineStyle: { color: which.includes("_") ? look.bad : look.warning, type: "dashed", width: 1.2 },
      label: { formatter: `${many ? `${line.name} ` : ""}${limitName(which)} ${number(value)}`, position: "insideStartTop", color: look.muted, fontSize: 11 },
    }));
  return { silent: true, symbol: "none", data };
}

function seriesOf(line: Line, i: number, shown: Shown, look: Look, units: string[]): object[] {
  const axis = 1 + units.indexOf(line.unit);
  const color = look.series[i % look.series.length] as string;
  const gap = gapMs(line);
  const found: object[] = [];
  if (line.low && line.high) {
    const low = pairs(line.at_ms, line.low, gap, shown.shift);
    const high = pairs(line.at_ms, line.high, gap, shown.shift);
    found.push(...stackedArea(`${line.code} range`, axis, color, 0.18, low, high));
  }
  found.push({
    type: "line",
    id: line.code,
    name: line.name,
    yAxisIndex: axis,
    data: pairs(line.at_ms, line.value, gap, shown.shift),
    connectNulls: false,
    // One reading alone between two gaps would be a line without length.
    showSymbol: line.at_ms.length < 3,
    symbol: "circle",
    symbolSize: 4,
    color,
    z: 3,
    markArea: marks(line, shown, look),
    markLine: shown.limits ? limitLines(line, look, shown.lines.length > 1) : undefined,
  });
  return found;
}

function bandSeries(shown: Shown, look: Look): object[] {
  const band = shown.band;
  if (!band || band.start_ms === null) return [];
  const start = band.start_ms;
  const at = band.low.map((_, i) => start + i * band.step_ms);
  const low = pairs(at, band.low, Infinity, shown.shift);
  const high = pairs(at, band.high, Infinity, shown.shift);
  return stackedArea("band", 1, look.band, 0.5, low, high);
}

function alarmSeries(shown: Shown, look: Look): object[] {
  if (!shown.alarms.length) return [];
  return [
    {
      type: "scatter",
      id: "alarms",
      name: t("Alarms"),
      yAxisIndex: 0,
      symbol: "triangle",
      symbolRotate: 180,
      symbolSize: 11,
      itemStyle: { color: look.bad },
      tooltip: { show: false },
      data: shown.alarms.map((alarm) => [shown.shift(alarm.raised_ms), 0.97]),
      z: 5,
    },
  ];
}

const escape = (text: string) =>
  text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** What the reader is told about one place on the time axis. */
export function describe(shown: Shown, shifted: number): string {
  const at = shown.unshift(shifted);
  const rows: string[] = [];
  for (const line of shown.lines) {
    const i = nearest(line.at_ms, at);
    if (i < 0 || Math.abs((line.at_ms[i] as number) - at) > gapMs(line)) continue;
    const found = line.at_ms[i] as number;
    const quality = qualityAt(line, found);
    const range =
      line.low && line.high ? ` (${number(line.low[i], line.decimals)} … ${number(line.high[i], line.decimals)})` : "";
    const flag = quality ? ` · ${qualityName(quality)}` : "";
    rows.push(`<div>${escape(line.name)}: <b>${escape(quantity(line.value[i], line.unit, line.decimals))}</b>${range}${escape(flag)}</div>`);
  }
  const expected = bandAt(shown.band, at);
  const first = shown.lines[0];
  if (expected && first)
    rows.push(`<div>${escape(t("Expected"))}: ${number(expected[0], first.decimals)} … ${number(expected[2], first.decimals)} ${escape(first.unit)}</div>`);
  const reach = (shown.view.until_ms - shown.view.from_ms) / 120;
  for (const alarm of shown.alarms.filter((one) => Math.abs(one.raised_ms - at) < reach).slice(0, 4))
    rows.push(`<div>⚠ ${moment(alarm.raised_ms)} ${escape(alarm.label)}</div>`);
  return `<div><b>${moment(at)}</b></div>${rows.join("")}`;
}

/** The index of the moment closest to `at`, or -1. */
export function nearest(at_ms: readonly number[], at: number): number {
  let low = 0;
  let high = at_ms.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at_ms[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && at - (at_ms[low - 1] as number) <= (at_ms[low] as number) - at) return low - 1;
  return high;
}

/** Everything together. */
export function option(shown: Shown, look: Look): EChartsCoreOption {
  const { view } = shown;
  const span = view.until_ms - view.from_ms;
  const { units, option: yAxis } = axes(shown, look);
  const sides = (side: number) => Math.ceil((units.length - side) / 2) * AXIS_WIDTH;
  return {
    legend: { show: shown.lines.length > 1, data: shown.lines.map((line) => line.name), type: "scroll" },
    grid: { left: sides(0), right: Math.max(14, sides(1)), top: shown.lines.length > 1 ? 54 : 30, bottom: 26, outerBoundsMode: "none" },
    tooltip: {
      trigger: "axis",
      confine: true,
      axisPointer: { type: "cross", snap: false, label: { show: false } },
      formatter: (given: unknown) => {
        const one = (Array.isArray(given) ? given[0] : given) as { axisValue?: number } | undefined;
        return one?.axisValue === undefined ? "" : describe(shown, one.axisValue);
      },
    },
    // Wider than the view on both sides, so that it can be dragged; data follow when it rests.
    xAxis: { type: "time", min: shown.shift(view.from_ms - span), max: shown.shift(view.until_ms + span) },
    yAxis,
    dataZoom: [
      {
        type: "inside",
        filterMode: "none",
        startValue: shown.shift(view.from_ms),
        endValue: shown.shift(view.until_ms),
        minValueSpan: 600_000,
        maxValueSpan: 3 * 366 * 86_400_000,
        throttle: 40,
      },
    ],
    series: [
      ...bandSeries(shown, look),
      ...shown.lines.flatMap((line, i) => seriesOf(line, i, shown, look, units)),
      ...alarmSeries(shown, look),
    ],
  };
}
