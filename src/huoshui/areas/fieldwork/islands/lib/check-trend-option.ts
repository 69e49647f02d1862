/** What the chart of a checked number draws, as pure functions. */
import type { EChartsCoreOption, Look } from "@ui/chart";
import { quantity, zoneShifter } from "@ui/format";
import { t } from "@ui/i18n";

/** As `checks/web/assets.py` gives it; moment, value, and whether it was out of its limits then. */
export interface CheckTrend {
  points: [string, number, boolean][];
  unit: string;
  low: number | null;
  high: number | null;
}

/** The limits there are, with their words. */
export function bounds(trend: CheckTrend): [number, string][] {
  const found: [number, string][] = [];
  if (trend.low !== null) found.push([trend.low, t("Lower limit")]);
  if (trend.high !== null) found.push([trend.high, t("Upper limit")]);
  return found;
}

/** Ends of the axis about values and limits, with a tenth of room; one value alone has room too. */
export function ends(trend: CheckTrend): [number, number] {
  const all = [...trend.points.map((one) => one[1]), ...bounds(trend).map((one) => one[0])];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = (most - least || Math.abs(most) || 1) / 10;
  const step = 10 ** Math.floor(Math.log10(room));
  const whole = (count: number) => Number((count * step).toPrecision(9));
  return [whole(Math.floor((least - room) / step)), whole(Math.ceil((most + room) / step))];
}

export function option(trend: CheckTrend, look: Look): EChartsCoreOption {
  const shift = zoneShifter();
  const [bottom, top] = ends(trend);
  const lines = bounds(trend).map(([at, words]) => ({
    yAxis: at,
    label: { formatter: `${words} ${at} ${trend.unit}`.trim(), color: look.text, position: "insideStartTop" },
  }));
  return {
    grid: { left: 8, right: 20, top: 28, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: (one: { value?: [number, number] }) => (one.value ? `${new Date(one.value[0]).toISOString().slice(0, 16).replace("T", " ")}: ${quantity(one.value[1], trend.unit, 2)}` : ""),
    },
    xAxis: { type: "time" },
    yAxis: { type: "value", name: trend.unit, scale: true, min: bottom, max: top },
    series: [
      {
        type: "line",
        color: look.accent,
        lineStyle: { width: 1.5 },
        symbol: "circle",
        symbolSize: 7,
        data: trend.points.map(([at, value, wrong]) => ({ value: [shift(Date.parse(at)), value], itemStyle: wrong ? { color: look.bad } : {} })),
        markLine: { silent: true, symbol: "none", lineStyle: { color: look.bad, type: "solid", width: 1.2 }, data: lines },
      },
    ],
  };
}
