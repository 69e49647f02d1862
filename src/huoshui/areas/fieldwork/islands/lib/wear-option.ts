/** What the chart of a sign of wear draws, as pure functions. */
import type { EChartsCoreOption, Look } from "@ui/chart";
import { quantity } from "@ui/format";
import { t } from "@ui/i18n";

/** As `upkeep/condition/web/charts.py` gives it; one value for each day from the first one on. */
export interface Wear {
  first: string;
  values: (number | null)[];
  limit: number;
  level: number | null;
  /** A day: best, least and most. */
  slopes: [number, number, number] | null;
  is_clear: boolean;
  /** The day in which the lines of all slopes meet, counted from the first. */
  middle: number;
  unit: string;
  decimals: number;
  due: string | null;
  ahead_days: number;
}

const DAY_MS = 86_400_000;

export const dayMs = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** The last day with a value, counted from the first. */
export function lastKnown(wear: Wear): number {
  let last = wear.values.length - 1;
  while (last > 0 && wear.values[last] == null) last -= 1;
  return last;
}

/** How many days after the last one the chart goes on: to the limit and a little, not for ever. */
export function daysAhead(wear: Wear): number {
  const { slopes, level } = wear;
  if (!slopes || level === null) return 3;
  const way = (wear.limit - level) / slopes[0];
  return Number.isFinite(way) && way > 0 ? Math.min(Math.ceil(way * 1.25) + 3, Math.max(wear.ahead_days, 14)) : 14;
}

type Place = [number, number];

/** The fan about the trend: its lower edge, and how wide it is above that. */
export function fan(wear: Wear): { base: Place[]; width: Place[] } {
  const { slopes, level } = wear;
  if (!slopes || level === null) return { base: [], width: [] };
  const last = lastKnown(wear);
  const meet = level + slopes[0] * (wear.middle - last);
  const base: Place[] = [];
  const width: Place[] = [];
  for (const day of [0, wear.middle, last + daysAhead(wear)]) {
    const ends = [slopes[1], slopes[2]].map((slope) => meet + slope * (day - wear.middle));
    const at = dayMs(wear.first) + day * DAY_MS;
    base.push([at, Math.min(...ends)]);
    width.push([at, Math.max(...ends) - Math.min(...ends)]);
  }
  return { base, width };
}

/** The trend from the first day to the end of the chart. */
export function line(wear: Wear): Place[] {
  const { slopes, level } = wear;
  if (!slopes || level === null) return [];
  const last = lastKnown(wear);
  return [0, last + daysAhead(wear)].map((day): Place => [dayMs(wear.first) + day * DAY_MS, level + slopes[0] * (day - last)]);
}

/** Round ends of the axis about everything that is drawn. */
export function ends(wear: Wear): [number, number] {
  const { base, width } = fan(wear);
  const high = base.map((one, at) => one[1] + (width[at]?.[1] ?? 0));
  const all = [...wear.values.filter((one) => one != null), ...base.map((one) => one[1]), ...high, wear.limit];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const step = 10 ** Math.floor(Math.log10(most - least || 1)) / 2;
  const whole = (count: number) => Number((count * step).toPrecision(9));
  return [whole(Math.floor(least / step)), whole(Math.ceil(most / step))];
}

export function option(wear: Wear, look: Look): EChartsCoreOption {
  const begin = dayMs(wear.first);
  const { base, width } = fan(wear);
  const [bottom, top] = ends(wear);
  const invisible = { lineStyle: { opacity: 0 }, symbol: "none", silent: true };
  const due = wear.due ? [{ xAxis: dayMs(wear.due), lineStyle: { color: look.warning, type: "solid", width: 1.5 }, label: { formatter: t("Do it until"), color: look.text, position: "end", rotate: 0, align: "right" } }] : [];
  return {
    grid: { left: 8, right: 20, top: 56, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: { top: 0, selectedMode: false, data: [{ name: t("Day of measurement"), icon: "circle" }, { name: t("Trend") }, { name: t("95 % certain"), icon: "rect", itemStyle: { opacity: 0.35 } }] },
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: (one: { value?: Place }) => (one.value ? `${new Date(one.value[0]).toISOString().slice(0, 10)}: ${quantity(one.value[1], wear.unit, wear.decimals)}` : ""),
    },
    xAxis: { type: "time", min: begin, max: begin + (lastKnown(wear) + daysAhead(wear)) * DAY_MS },
    yAxis: { type: "value", name: wear.unit, scale: true, min: bottom, max: top },
    series: [
      { ...invisible, id: "low", type: "line", stack: "fan", stackStrategy: "all", data: base },
      { ...invisible, id: "fan", name: t("95 % certain"), type: "line", stack: "fan", stackStrategy: "all", color: look.accent, areaStyle: { color: look.accent, opacity: 0.16 }, data: width },
      { id: "trend", name: t("Trend"), type: "line", silent: true, symbol: "none", color: look.accent, lineStyle: { color: look.accent, width: 2, type: wear.is_clear ? "solid" : "dashed" }, data: line(wear) },
      {
        id: "days",
        name: t("Day of measurement"),
        type: "scatter",
        color: look.accent,
        symbolSize: wear.values.length > 90 ? 5 : 7,
        data: wear.values.map((value, day) => [begin + day * DAY_MS, value]),
        markLine: {
          silent: true,
          symbol: "none",
          data: [{ yAxis: wear.limit, lineStyle: { color: look.bad, type: "solid", width: 1.5 }, label: { formatter: `${t("Limit")} ${quantity(wear.limit, wear.unit, wear.decimals)}`, color: look.text, position: "insideStartTop" } }, ...due],
        },
        z: 5,
      },
    ],
  };
}
