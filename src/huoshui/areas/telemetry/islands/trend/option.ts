/** What the trend chart draws: lines, limits, band, flags and alarms, as one ECharts option. */
import type { EChartsCoreOption, Look } from "@ui/chart";
import { moment, number, quantity } from "@ui/format";
import { t } from "@ui/i18n";
import { bandAt, gapMs, type Line, pairs, qualityAt, type SentBand } from "./columns";
import { axisGroups, panes } from "./panes";
import type { Layout, Scale } from "./state";

const AXIS_WIDTH = 56;

export interface AlarmMark {
  raised_ms: number;
  /** When it was over; null while it stands. */
  cleared_ms: number | null;
  priority: string;
  point: string | null;
  label: string;
  message: string;
}

export interface RemarkMark {
  id: number;
  point: string;
  from_ms: number;
  until_ms: number | null;
  text: string;
  by: string;
  own: boolean;
}

export interface View {
  from_ms: number;
  until_ms: number;
}

export interface Shown {
  lines: Line[];
  band: SentBand | null;
  alarms: AlarmMark[];
  remarks: RemarkMark[];
  view: View;
  limits: boolean;
  layout: Layout;
  own: ReadonlySet<string>;
  hidden: ReadonlySet<string>;
  scales: ReadonlyMap<string, Scale>;
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

/** One value axis for each group of lines: side by side, or each in a pane of its own. */
function axes(shown: Shown, look: Look): object[] {
  const groups = axisGroups(shown);
  return groups.map((group, i) => {
    const limits = group.lines
      .filter(() => shown.limits)
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
    const stacked = shown.layout === "stacked";
    const [low, high] = group.scale;
    const alone = group.lines.length === 1 && groups.length > 1;
    const color = alone ? (look.series[group.places[0]! % look.series.length] as string) : look.muted;
    return {
      type: "value",
      gridIndex: stacked ? i : 0,
      scale: true,
      name: group.unit,
      position: !stacked && i % 2 ? "right" : "left",
      offset: stacked ? 0 : Math.floor(i / 2) * AXIS_WIDTH,
      splitLine: { show: stacked || i === 0 },
      nameGap: 10,
      min: low ?? ((range: { min: number; max: number }) => near(range, "min")),
      max: high ?? ((range: { min: number; max: number }) => near(range, "max")),
      axisLabel: { formatter: (value: number) => number(value), color },
      nameTextStyle: { color },
    };
  });
}

function stackedArea(name: string, pane: number, axis: number, color: string, opacity: number, low: [number, number | null][], high: [number, number | null][]): object[] {
  const common = { type: "line", xAxisIndex: pane, yAxisIndex: axis, stack: name, stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false }, emphasis: { disabled: true }, z: 1 };
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

function seriesOf(line: Line, i: number, shown: Shown, look: Look): object[] {
  const group = axisGroups(shown).findIndex((one) => one.lines.includes(line));
  if (group < 0) return [];
  const axis = 1 + group;
  const pane = shown.layout === "stacked" ? group : 0;
  const color = look.series[i % look.series.length] as string;
  const gap = gapMs(line);
  const found: object[] = [];
  if (line.low && line.high) {
    const low = pairs(line.at_ms, line.low, gap, shown.shift);
    const high = pairs(line.at_ms, line.high, gap, shown.shift);
    found.push(...stackedArea(`${line.code} range`, pane, axis, color, 0.18, low, high));
  }
  found.push({
    type: "line",
    id: line.code,
    name: line.name,
    xAxisIndex: pane,
    yAxisIndex: axis,
    data: pairs(line.at_ms, line.value, gap, shown.shift),
    connectNulls: false,
    // One reading alone between two gaps would be a line without length.
    showSymbol: line.at_ms.length < 3,
    symbol: "circle",
    symbolSize: 4,
    color,
    // Colours begin anew after the eighth line; the stroke tells the two apart.
    lineStyle: { type: i < look.series.length ? "solid" : "dashed" },
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
  return stackedArea("band", 0, 1, look.band, 0.5, low, high);
}

const URGENT = new Set(["critical", "high"]);

/** Alarms at the top of the first pane: a mark where each was raised, a strip while it stood. */
function alarmSeries(shown: Shown, look: Look): object[] {
  if (!shown.alarms.length) return [];
  const colour = (alarm: AlarmMark) => (URGENT.has(alarm.priority) ? look.bad : look.warning);
  const strips = shown.alarms.map((alarm) => [
    { xAxis: shown.shift(alarm.raised_ms), yAxis: 0.955, itemStyle: { color: colour(alarm), opacity: 0.35 } },
    { xAxis: shown.shift(alarm.cleared_ms ?? shown.view.until_ms), yAxis: 0.985 },
  ]);
  return [
    {
      type: "scatter",
      id: "alarms",
      name: t("Alarms"),
      yAxisIndex: 0,
      symbol: "triangle",
      symbolRotate: 180,
      symbolSize: 11,
      tooltip: { show: false },
      data: shown.alarms.map((alarm) => ({ value: [shown.shift(alarm.raised_ms), 0.97], itemStyle: { color: colour(alarm) } })),
      markArea: { silent: true, data: strips },
      z: 5,
    },
  ];
}

/** Remarks at the foot of the first pane: a flag, and a tinted span where it lasted. */
function remarkSeries(shown: Shown, look: Look): object[] {
  if (!shown.remarks.length) return [];
  const spans = shown.remarks
    .filter((one) => one.until_ms !== null)
    .map((one) => [
      { xAxis: shown.shift(one.from_ms), itemStyle: { color: look.accent, opacity: 0.1 } },
      { xAxis: shown.shift(one.until_ms as number) },
    ]);
  return [
    {
      type: "scatter",
      id: "remarks",
      name: t("Remarks"),
      yAxisIndex: 0,
      symbol: "pin",
      symbolSize: 22,
      itemStyle: { color: look.accent },
      tooltip: { show: false },
      data: shown.remarks.map((one) => [shown.shift(one.from_ms), 0.04]),
      markArea: { silent: true, data: spans },
      z: 6,
    },
  ];
}

const escape = (text: string) =>
  text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** What the reader is told about one place on the time axis. */
export function describe(shown: Shown, shifted: number): string {
  const at = shown.unshift(shifted);
  const rows: string[] = [];
  for (const line of shown.lines.filter((one) => !shown.hidden.has(one.code))) {
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
  for (const one of shown.remarks.filter((mark) => Math.abs(mark.from_ms - at) < reach || (mark.until_ms !== null && mark.from_ms <= at && at < mark.until_ms)).slice(0, 4))
    rows.push(`<div>⚑ ${escape(one.text)} · ${escape(one.by)}</div>`);
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
  const count = axisGroups(shown).length;
  const stacked = shown.layout === "stacked";
  const sides = (side: number) => (stacked ? (side ? 0 : 1) : Math.ceil((count - side) / 2)) * AXIS_WIDTH;
  const grids = panes(stacked ? count : 1).map((place) => ({
    left: sides(0), right: Math.max(14, sides(1)), outerBoundsMode: "none", ...place,
  }));
  const lowest = grids.length - 1;
  // Wider than the view on both sides, so that it can be dragged; data follow when it rests.
  const times = { type: "time", min: shown.shift(view.from_ms - span), max: shown.shift(view.until_ms + span) };
  return {
    legend: { show: false },
    grid: grids,
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    tooltip: {
      trigger: "axis",
      confine: true,
      axisPointer: { type: stacked ? "line" : "cross", snap: false, label: { show: false } },
      formatter: (given: unknown) => {
        const one = (Array.isArray(given) ? given[0] : given) as { axisValue?: number } | undefined;
        return one?.axisValue === undefined ? "" : describe(shown, one.axisValue);
      },
    },
    xAxis: grids.map((_, i) => ({ ...times, gridIndex: i, axisLabel: { show: i === lowest, color: look.muted, hideOverlap: true } })),
    // The first is seen by nobody: on it marks keep to the top and the foot whatever the values.
    yAxis: [{ type: "value", gridIndex: 0, min: 0, max: 1, show: false }, ...axes(shown, look)],
    dataZoom: [
      {
        type: "inside",
        xAxisIndex: grids.map((_, i) => i),
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
      ...shown.lines.flatMap((line, i) => seriesOf(line, i, shown, look)),
      ...alarmSeries(shown, look),
      ...remarkSeries(shown, look),
    ],
  };
}
