/**
 * Charts: ECharts with only the parts we use, in our look, in the reader's language and theme.
 *
 *     const chart = createChart(el, (look) => ({ series: [line(look, { name: t("Pressure"), data })] }));
 *     chart.refresh();   // build again after the data changed
 *     return chart.dispose;
 *
 * Give data as columns: `interleave(times, values)` makes what a series takes. Times go through
 * `zoneShifter` first, because the axis is read in UTC.
 */
import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DataZoomComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  ToolboxComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import type { EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { isDark, language, onTheme, token } from "./page";

echarts.use([
  LineChart,
  BarChart,
  ScatterChart,
  CustomChart,
  GridComponent,
  TooltipComponent,
  LegendComponent,
  DataZoomComponent,
  DatasetComponent,
  MarkLineComponent,
  MarkAreaComponent,
  MarkPointComponent,
  ToolboxComponent,
  VisualMapComponent,
  AriaComponent,
  CanvasRenderer,
]);

export type { EChartsCoreOption } from "echarts/core";

/** The colours and letters of the page, for whatever a chart draws itself. */
export interface Look {
  dark: boolean;
  text: string;
  muted: string;
  line: string;
  surface: string;
  font: string;
  good: string;
  warning: string;
  bad: string;
  accent: string;
  band: string;
  series: string[];
}

export interface Chart {
  echarts: echarts.EChartsType;
  /** Build the option again and draw it. `keep` keeps the zoom and what the legend hides. */
  refresh: (keep?: boolean) => void;
  dispose: () => void;
}

export function currentLook(): Look {
  return {
    dark: isDark(),
    text: token("text"),
    muted: token("muted"),
    line: token("line"),
    surface: token("surface"),
    font: getComputedStyle(document.body).fontFamily,
    good: token("good"),
    warning: token("warning"),
    bad: token("bad"),
    accent: token("accent"),
    band: token("band"),
    series: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => token(`series-${n}`)),
  };
}

const AXIS = (look: Look) => ({
  axisLine: { lineStyle: { color: look.line } },
  axisTick: { lineStyle: { color: look.line } },
  axisLabel: { color: look.muted, hideOverlap: true },
  splitLine: { lineStyle: { color: look.line, opacity: 0.6 } },
  nameTextStyle: { color: look.muted },
});

/** What every chart of ours has in common; an option is laid over it. */
function theme(look: Look): Record<string, unknown> {
  return {
    color: look.series,
    backgroundColor: "transparent",
    textStyle: { fontFamily: look.font, color: look.text },
    timeAxis: AXIS(look),
    valueAxis: AXIS(look),
    categoryAxis: { ...AXIS(look), splitLine: { show: false } },
    logAxis: AXIS(look),
    legend: { textStyle: { color: look.text }, inactiveColor: look.muted, top: 0 },
    tooltip: {
      backgroundColor: look.surface,
      borderColor: look.line,
      textStyle: { color: look.text, fontSize: 13 },
      axisPointer: { lineStyle: { color: look.muted }, crossStyle: { color: look.muted } },
    },
    dataZoom: {
      borderColor: look.line,
      textStyle: { color: look.muted },
      handleStyle: { borderColor: look.muted },
    },
    toolbox: { iconStyle: { borderColor: look.muted } },
    line: { symbol: "none", lineStyle: { width: 1.6 } },
  };
}

const DEFAULTS = {
  // Moments arrive shifted to the city's clock, so the axis must not shift them again.
  useUTC: true,
  animation: false,
  grid: { left: 8, right: 12, top: 34, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
  aria: { enabled: true },
};

/** Draw a chart that follows the size of its place and the theme of the page. */
export function createChart(el: HTMLElement, build: (look: Look) => EChartsCoreOption): Chart {
  const start = () => {
    const look = currentLook();
    const made = echarts.init(el, theme(look), { locale: language() === "zh" ? "ZH" : "EN" });
    made.setOption({ ...DEFAULTS, ...build(look) });
    return made;
  };
  const chart: Chart = {
    echarts: start(),
    refresh: (keep = true) => {
      const option = { ...DEFAULTS, ...build(currentLook()) };
      chart.echarts.setOption(option, keep ? { replaceMerge: ["series"] } : { notMerge: true });
    },
    dispose: () => {
      stopTheme();
      sizes.disconnect();
      chart.echarts.dispose();
    },
  };
  const stopTheme = onTheme(() => {
    chart.echarts.setTheme(theme(currentLook()));
    chart.refresh();
  });
  const sizes = new ResizeObserver(() => chart.echarts.resize());
  sizes.observe(el);
  return chart;
}

/** Lay two columns side by side as a series' `data`; NaN leaves a gap. */
export function interleave(xs: ArrayLike<number>, ys: ArrayLike<number>): Float64Array {
  const length = Math.min(xs.length, ys.length);
  const pairs = new Float64Array(length * 2);
  for (let i = 0; i < length; i++) {
    pairs[2 * i] = xs[i] as number;
    pairs[2 * i + 1] = ys[i] as number;
  }
  return pairs;
}
