/** What the night-flow chart draws, as pure functions of nights, marks and look. */
import type { EChartsCoreOption, Look } from "@ui/chart";
import { NOTHING, number } from "@ui/format";
import { t } from "@ui/i18n";

export type Known = number | null;

/** Nights in columns, earliest first. */
export interface Nights {
  date: string[];
  flow_m3h: Known[];
  expected_m3h: Known[];
  low_m3h: Known[];
  high_m3h: Known[];
  excess_m3h: Known[];
  state: string[];
  quality: string[];
}

/** A suspected leak as a mark in time. */
export interface LeakMark {
  id: number;
  state: string;
  since: string;
  called: string;
  repaired: string | null;
  ended: string | null;
  size_m3h: number;
  url: string;
}

export const EMPTY: Nights = {
  date: [],
  flow_m3h: [],
  expected_m3h: [],
  low_m3h: [],
  high_m3h: [],
  excess_m3h: [],
  state: [],
  quality: [],
};

/** A day as a place on an axis that is read in UTC. */
export function dayMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A local day as people read it, without passing through any time zone. */
export function dayText(day: string, chinese: boolean): string {
  if (chinese) return day;
  const [year, month, date] = day.split("-").map(Number);
  return `${date} ${MONTHS[(month ?? 1) - 1]} ${year}`;
}

export function stateText(state: string): string {
  const words: Record<string, string> = {
    no_data: t("Too few readings"),
    learning: t("Learning"),
    inside: t("As expected"),
    watched: t("Watched closely"),
    leaking: t("Higher than expected"),
  };
  return words[state] ?? "";
}

function stateColour(state: string, look: Look): string {
  if (state === "leaking") return look.bad;
  if (state === "watched") return look.warning;
  return state === "inside" ? look.accent : look.muted;
}

type Point = [number, Known];

function points(nights: Nights, values: Known[]): Point[] {
  return nights.date.map((day, i) => [dayMs(day), values[i] ?? null]);
}

/** Band as a base line and the thickness on top of it: ECharts stacks the two. */
export function band(nights: Nights): { base: Point[]; thickness: Point[] } {
  const base = points(nights, nights.low_m3h);
  const thickness = nights.date.map((day, i): Point => {
    const low = nights.low_m3h[i];
    const high = nights.high_m3h[i];
    return [dayMs(day), low == null || high == null ? null : high - low];
  });
  return { base, thickness };
}

/** Leaking nights as (day, from, to): the height that nothing explains. */
export function excessBars(nights: Nights): [number, number, number][] {
  const bars: [number, number, number][] = [];
  nights.date.forEach((day, i) => {
    const flow = nights.flow_m3h[i];
    const expected = nights.expected_m3h[i];
    if (nights.state[i] === "leaking" && flow != null && expected != null && flow > expected) {
      bars.push([dayMs(day), expected, flow]);
    }
  });
  return bars;
}

/** The days over which a leak is shaded. */
export function leakSpan(mark: LeakMark, latest: string): [number, number] {
  const end = mark.repaired ?? mark.ended ?? latest;
  return [dayMs(mark.since), Math.max(dayMs(end), dayMs(mark.since) + 43_200_000)];
}

export function tooltipLines(nights: Nights, i: number, chinese: boolean): string[] {
  const flow = (value: Known | undefined) => (value == null ? NOTHING : `${number(value, 1)} m³/h`);
  const day = nights.date[i];
  if (day === undefined) return [];
  const lines = [
    `${dayText(day, chinese)} · ${stateText(nights.state[i] ?? "")}`,
    `${t("Night flow")}: ${flow(nights.flow_m3h[i])}`,
  ];
  if (nights.low_m3h[i] != null) {
    lines.push(`${t("Expected")}: ${number(nights.low_m3h[i], 1)} – ${flow(nights.high_m3h[i])}`);
  }
  if (nights.state[i] === "leaking") lines.push(`${t("Excess")}: ${flow(nights.excess_m3h[i])}`);
  if (nights.quality[i] === "doubtful") lines.push(t("Readings with gaps"));
  return lines;
}

function eventLine(day: string, label: string, colour: string, text: string, align: "left" | "right") {
  return {
    xAxis: dayMs(day),
    lineStyle: { color: colour, type: "solid", width: 1.5 },
    // Suspicion to the left and repair to the right of their lines: they are often days apart.
    label: { show: label !== "", formatter: label, color: text, position: "end", rotate: 0, align, fontSize: 12 },
  };
}

export function leakMarks(marks: LeakMark[], latest: string, look: Look, small: boolean) {
  const lines = marks.flatMap((mark) => [
    eventLine(mark.called, small ? "" : t("Suspected"), look.bad, look.text, "right"),
    ...(mark.repaired
      ? [eventLine(mark.repaired, small ? "" : t("Leak repaired"), look.good, look.text, "left")]
      : []),
  ]);
  const areas = marks
    .filter((mark) => mark.state !== "dismissed")
    .map((mark) => {
      const [from, until] = leakSpan(mark, latest);
      return [{ xAxis: from }, { xAxis: until }];
    });
  return {
    markLine: { silent: true, symbol: "none", data: lines },
    markArea: { silent: true, itemStyle: { color: look.bad, opacity: 0.08 }, data: areas },
  };
}

/** Room right of the plot, in pixels: a repair of the last nights has its word beyond them. */
export function roomRight(marks: LeakMark[], first: string, latest: string): number {
  const from = dayMs(latest) - 0.08 * (dayMs(latest) - dayMs(first));
  return marks.some((mark) => mark.repaired && dayMs(mark.repaired) >= from) ? 60 : 16;
}

interface RenderApi {
  value(dimension: number): number;
  coord(place: [number, number]): [number, number];
}

function excessSeries(nights: Nights, look: Look) {
  return {
    name: t("Excess"),
    type: "custom",
    color: look.bad,
    data: excessBars(nights),
    encode: { x: 0, y: [1, 2] },
    silent: true,
    renderItem: (_params: unknown, api: RenderApi) => {
      const [x, bottom] = api.coord([api.value(0), api.value(1)]);
      const [, top] = api.coord([api.value(0), api.value(2)]);
      return {
        type: "line",
        shape: { x1: x, y1: bottom, x2: x, y2: top },
        style: { stroke: look.bad, lineWidth: 2, opacity: 0.55 },
      };
    },
  };
}

export function option(
  nights: Nights,
  marks: LeakMark[],
  look: Look,
  how: { small: boolean; chinese: boolean },
): EChartsCoreOption {
  const { base, thickness } = band(nights);
  const latest = nights.date[nights.date.length - 1] ?? "";
  const first = nights.date[0] ?? "";
  const near = marks.filter((mark) => first && (mark.repaired ?? mark.ended ?? latest) >= first);
  const invisible = { lineStyle: { opacity: 0 }, symbol: "none", silent: true };
  return {
    grid: how.small
      ? { left: 4, right: 8, top: 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" }
      : { left: 8, right: roomRight(near, first, latest), top: 60, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: how.small
      ? { show: false }
      : { top: 0, data: [{ name: t("Night flow"), icon: "circle" }, { name: t("Expected band"), icon: "rect", itemStyle: { opacity: 0.35 } }, { name: t("Excess"), icon: "rect" }], selectedMode: false },
    tooltip: {
      trigger: "axis",
      confine: true,
      axisPointer: { type: "line" },
      formatter: (shown: { dataIndex: number; seriesId?: string }[]) => {
        const night = shown.find((one) => one.seriesId === "nights") ?? shown[0];
        return night ? tooltipLines(nights, night.dataIndex, how.chinese).join("<br>") : "";
      },
    },
    xAxis: { type: "time", min: first ? dayMs(first) : undefined, max: latest ? dayMs(latest) + 43_200_000 : undefined },
    yAxis: { type: "value", name: how.small ? "" : "m³/h", scale: true, splitNumber: how.small ? 3 : 5 },
    series: [
      { ...invisible, id: "low", type: "line", stack: "band", stackStrategy: "all", data: base },
      {
        ...invisible,
        id: "band",
        name: t("Expected band"),
        type: "line",
        stack: "band",
        stackStrategy: "all",
        color: look.accent,
        areaStyle: { color: look.accent, opacity: 0.16 },
        data: thickness,
      },
      {
        id: "expected",
        type: "line",
        silent: true,
        lineStyle: { color: look.accent, width: 1, type: "dashed", opacity: 0.7 },
        data: points(nights, nights.expected_m3h),
      },
      excessSeries(nights, look),
      {
        id: "nights",
        name: t("Night flow"),
        type: "scatter",
        color: look.accent,
        symbolSize: how.small ? 5 : nights.date.length > 40 ? 6 : 8,
        data: nights.date.map((day, i) => ({
          value: [dayMs(day), nights.flow_m3h[i] ?? null],
          itemStyle: { color: stateColour(nights.state[i] ?? "", look) },
        })),
        ...leakMarks(near, latest, look, how.small),
        z: 5,
      },
    ],
  };
}
