/**
 * Bars beside the table of figures: how many cases of each month were on time, late, or still open.
 *
 * `{% island "cases/figures-chart" props height="280px" %}` with the values of `web/figures.py`.
 */
import { createChart, type Look } from "@ui/chart";
import "./cases.css";

interface Series {
  name: string;
  colour: "good" | "bad" | "muted" | "accent";
  values: number[];
}

interface Props {
  labels: string[];
  series: Series[];
}

export function start(el: HTMLElement, given: unknown): () => void {
  const props = given as Props;
  const chart = createChart(el, (look: Look) => ({
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
    legend: {},
    xAxis: { type: "category", data: props.labels },
    yAxis: { type: "value", minInterval: 1 },
    series: props.series.map((one) => ({
      type: "bar",
      stack: "all",
      name: one.name,
      data: one.values,
      barMaxWidth: 42,
      itemStyle: { color: look[one.colour] },
    })),
  }));
  return chart.dispose;
}
