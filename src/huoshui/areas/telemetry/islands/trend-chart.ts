/**
 * The trend of one or several points: zoom, compare, calculate, remark, limits, band, live values.
 *
 *     {% island "telemetry/trend-chart" trend %}
 *
 * with `trend` = {points: ["p227.flow"], fixed: true, until_ms, speed, urls: {...}}. The period
 * is the view: dragging and the wheel move it, and finer data follow when it rests. Keys on the
 * chart: arrows move, + and - zoom, d w m y choose a span, End returns to now.
 */
import { h } from "@ui/dom";
import { type Chart, createChart, currentLook } from "@ui/chart";
import { getJson } from "@ui/fetch";
import { zoneShifter, zoneUnshifter } from "@ui/format";
import { t } from "@ui/i18n";
import { type LiveItem, subscribe } from "@ui/live";
import { formulaBox, pointBox } from "./trend/adding";
import { explain } from "./trend/band";
import { append, byDay, type Line, lineOf, type SentBand, type SentLine } from "./trend/columns";
import { noteOf } from "./trend/note";
import { type AlarmMark, option, type RemarkMark, type Shown } from "./trend/option";
import { axisGroups, heightFor } from "./trend/panes";
import { periodBox, type PeriodBox } from "./trend/period";
import { printPage } from "./trend/print";
import { Remarks } from "./trend/remarks";
import { codeOf, emptyState, type Formula, isFormula, LINES_MAX, readState, type State, writeState } from "./trend/state";
import { LinesTable } from "./trend/table";
import { spanButtons, SPANS, type SpanName, stepButton, toggle } from "./trend/toolbar";
import { View } from "./trend/view";
import "./trend/trend.css";

interface Props {
  points: string[];
  /** The first point stays; a page of one point is about it. */
  fixed: boolean;
  until_ms: number;
  span?: SpanName;
  may_annotate?: boolean;
  urls: { chart: string; band: string; inputs: string; alarms: string; points: string; export: string; formula: string; remarks: string };
}

interface ValueItem extends LiveItem {
  at: string;
  value: number | null;
  quality: number;
}

const REST_MS = 220;
const LIVE_MS = 1000;
/** The server answers with readings up to this period, with hours beyond it. */
const RAW_MS = 8 * 86_400_000;
/** Over longer periods the band of hours would only be a blur. */
const BAND_MS = 62 * 86_400_000;

class Trend {
  private readonly state: State;
  private lines: Line[] = [];
  private band: SentBand | null = null;
  private alarms: AlarmMark[] = [];
  private marks: RemarkMark[] = [];
  private readonly view: View;
  private cursor_ms: number | null = null;
  private panesDrawn = "";
  private readonly show = { band: true, limits: true, alarms: true };
  private readonly shift = zoneShifter();
  private readonly unshift = zoneUnshifter();
  private chart: Chart;
  private resting: number | undefined;
  private drawing: number | undefined;
  private loading = new AbortController();
  private stopLive: () => void = () => undefined;
  private readonly place = h("div", { class: "trend-place" });
  private readonly note = h("div", { class: "trend-note", role: "status" });
  private readonly spans: ReturnType<typeof spanButtons>;
  private readonly period: PeriodBox;
  private readonly exports = h("span", { class: "btn-list" });
  private readonly inputs = h("div", { class: "trend-inputs" });
  private readonly table: LinesTable;
  private readonly remarks: Remarks;

  constructor(
    private readonly el: HTMLElement,
    private readonly props: Props,
  ) {
    const codes = props.points.slice(0, LINES_MAX);
    this.state = props.fixed ? emptyState(codes) : readState(window.location.search, codes);
    // The limits of several points on one another would say nothing.
    this.show.limits = this.state.codes.length + this.state.formulas.length === 1;
    const until = this.state.until_ms ?? props.until_ms;
    const span = (this.state.span ?? props.span ?? "week") as SpanName;
    this.view = new View(this.state.from_ms ?? until - (SPANS[span] ?? SPANS.week), until, props.until_ms);
    this.spans = spanButtons((one) => this.look(() => this.view.choose(one)));
    this.period = periodBox(this.unshift, (from_ms, until_ms) => this.look(() => this.view.set(from_ms, until_ms)));
    this.table = new LinesTable({
      hide: (code, hidden) => this.mark(this.state.hidden, code, hidden),
      own: (code, own) => this.mark(this.state.own, code, own),
      scale: (code, scale) => {
        if (scale.every((one) => one === null)) this.state.scales.delete(code);
        else this.state.scales.set(code, scale);
        this.draw();
      },
      remove: (code) => (this.mayGo(code) ? () => this.drop(code) : null),
    });
    this.remarks = new Remarks({
      url: props.urls.remarks,
      may: props.may_annotate ?? false,
      points: () => this.lines.filter((line) => !isFormula(line.code)),
      at: () => this.cursor_ms ?? (this.view.from_ms + this.view.until_ms) / 2,
      unshift: this.unshift,
      changed: () => void this.load(),
    });
    el.classList.add("trend");
    el.tabIndex = 0;
    el.setAttribute("role", "group");
    el.setAttribute("aria-label", t("Trend chart. Arrow keys move, plus and minus zoom, d w m y choose a day, week, month or year."));
    el.append(this.toolbar(), this.place, this.note, this.table.el, this.adding(), this.remarks.el, this.details());
    el.addEventListener("keydown", (event) => this.onKey(event));
    this.chart = createChart(this.place, (look) => option(this.shown(), look));
    this.listen();
    if (!props.fixed) printPage(() => writeState(this.kept()));
    this.follow();
    void this.load();
  }

  stop(): void {
    window.clearTimeout(this.resting);
    window.clearTimeout(this.drawing);
    this.loading.abort();
    this.stopLive();
    this.chart.dispose();
  }

  private shown(): Shown {
    const { shift, unshift, state } = this;
    return {
      lines: this.lines,
      band: this.show.band && this.single() ? this.band : null,
      alarms: this.show.alarms ? this.alarms : [],
      remarks: this.marks,
      limits: this.show.limits,
      view: { from_ms: this.view.from_ms, until_ms: this.view.until_ms },
      layout: state.layout,
      own: state.own,
      hidden: state.hidden,
      scales: state.scales,
      shift,
      unshift,
    };
  }

  private single(): boolean {
    return this.state.codes.length === 1 && !this.state.formulas.length;
  }

  private mayGo(code: string): boolean {
    if (isFormula(code)) return true;
    return !(this.props.fixed && code === this.state.codes[0]) && this.state.codes.length + this.state.formulas.length > 1;
  }

  private toolbar(): HTMLElement {
    const look = (change: (view: View) => void) => () => this.look(() => change(this.view));
    const set = (name: "band" | "limits" | "alarms") => (on: boolean) => {
      this.show[name] = on;
      this.draw();
    };
    const stacked = toggle(t("One below the other"), this.state.layout === "stacked", (on) => {
      this.state.layout = on ? "stacked" : "together";
      this.draw();
    });
    return h(
      "div",
      { class: "trend-bar" },
      this.spans.el,
      h("div", { class: "btn-group" }, stepButton(t("Back in time"), "‹", look((view) => view.move(-0.5))), stepButton(t("Forward in time"), "›", look((view) => view.move(0.5))), stepButton(t("Back to now"), t("Now"), look((view) => view.toNow()))),
      h("div", { class: "btn-group" }, stepButton(t("Zoom in"), "+", look((view) => view.zoom(0.5))), stepButton(t("Zoom out"), "−", look((view) => view.zoom(2)))),
      this.period.el,
      this.exports,
      h("div", { class: "trend-checks" }, stacked, toggle(t("Expected band"), true, set("band")), toggle(t("Limits"), this.show.limits, set("limits")), toggle(t("Alarms"), true, set("alarms"))),
    );
  }

  private adding(): HTMLElement {
    const { urls } = this.props;
    const ask = async (formula: Formula) => {
      const answer = await getJson<{ series: SentLine[] }>(`${urls.formula}?${this.query({ ...this.asked(formula) })}`, { quiet: true });
      return answer.series[0] as SentLine;
    };
    const add = (formula: Formula) => {
      if (this.full() || this.state.formulas.some((one) => one.text === formula.text)) return;
      this.state.formulas.push(formula);
      this.changed();
    };
    const box = pointBox(urls.points, (code) => {
      if (this.full() || this.state.codes.includes(code)) return;
      this.state.codes.push(code);
      this.changed();
    });
    return h("div", { class: "trend-second" }, box, formulaBox(ask, add));
  }

  private full(): boolean {
    return this.state.codes.length + this.state.formulas.length >= LINES_MAX;
  }

  private details(): HTMLElement {
    const opened = h("details", { class: "trend-why" }, h("summary", {}, t("How the expected band is made")), this.inputs);
    opened.addEventListener("toggle", () => {
      const line = this.lines[0];
      if (opened.open && line) void explain(this.inputs, this.props.urls.inputs, line, Math.min(this.view.until_ms, this.view.latest_ms), this.band);
    });
    return opened;
  }

  private listen(): void {
    const { echarts } = this.chart;
    echarts.on("datazoom", () => this.onZoom());
    echarts.on("updateAxisPointer", (event) => {
      const value = (event as { axesInfo?: { value?: number }[] }).axesInfo?.[0]?.value;
      if (typeof value !== "number") return;
      this.cursor_ms = this.unshift(value);
      this.table.cursor(this.cursor_ms);
    });
    echarts.getZr().on("dblclick", () => this.look(() => this.view.toNow()));
  }

  private onZoom(): void {
    const zoom = (this.chart.echarts.getOption().dataZoom as { startValue: number; endValue: number }[])[0];
    if (!zoom) return;
    this.view.set(this.unshift(zoom.startValue), this.unshift(zoom.endValue));
    this.label();
    this.rest();
  }

  /** Load when the view has come to rest. */
  private rest(after = REST_MS): void {
    window.clearTimeout(this.resting);
    this.resting = window.setTimeout(() => void this.load(), after);
  }

  /** Change the view, draw what is there, and fetch what it needs. */
  private look(change: () => void): void {
    change();
    this.draw();
    this.rest(0);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.target !== this.el || event.ctrlKey || event.metaKey || event.altKey) return;
    const deed = this.view.deed(event.key);
    if (!deed) return;
    event.preventDefault();
    event.stopPropagation();
    this.look(deed);
  }

  private query(extra: Record<string, string> = {}, margin = 0): string {
    const { from_ms, until_ms, span_ms } = this.view;
    return new URLSearchParams({
      points: this.state.codes.join(","),
      from: new Date(from_ms - span_ms * margin).toISOString(),
      until: new Date(until_ms + span_ms * margin).toISOString(),
      ...extra,
    }).toString();
  }

  private asked(formula: Formula): Record<string, string> {
    return { text: formula.text, label: formula.label, unit: formula.unit, max_points: String(this.pointsMax()) };
  }

  /** How much beyond the view is fetched on both sides: never so much that readings become hours. */
  private margin(): number {
    const span = this.view.span_ms;
    return span <= RAW_MS ? Math.min(0.5, (RAW_MS / span - 1) / 2) : this.long() ? 0 : 0.5;
  }

  /** How many points to ask for: enough for every pixel, or every hour of a long period. */
  private pointsMax(): number {
    return this.long() ? 10_000 : Math.round(Math.min(Math.max(this.place.clientWidth, 400), 2000) * 3);
  }

  /** Whether the view is so long that days say more than hours. */
  private long(): boolean {
    return this.view.span_ms > 2 * BAND_MS;
  }

  private async load(): Promise<void> {
    this.loading.abort();
    const { signal } = (this.loading = new AbortController());
    const { props: { urls }, state: { codes, formulas } } = this;
    this.label();
    this.place.setAttribute("aria-busy", "true");
    try {
      const line = async (url: string, extra: Record<string, string>) => (await getJson<{ series: SentLine[] }>(`${url}?${this.query(extra, this.margin())}`, { signal })).series;
      const chart = codes.length ? line(urls.chart, { max_points: String(this.pointsMax()) }) : Promise.resolve([]);
      const worked = formulas.map((one) => line(urls.formula, this.asked(one)));
      const alarms = codes.length ? getJson<AlarmMark[]>(`${urls.alarms}?${this.query()}`, { signal, quiet: true }) : Promise.resolve([]);
      const marks = codes.length ? this.remarks.load(this.query(), signal) : Promise.resolve([]);
      const lines = (await Promise.all([chart, ...worked])).flat().map(lineOf);
      this.lines = this.long() ? lines.map((one) => byDay(one, this.shift)) : lines;
      this.draw();
      [this.alarms, this.marks] = await Promise.all([alarms, marks]);
      this.remarks.show(this.marks);
      this.band =
        this.single() && this.view.span_ms <= BAND_MS
          ? await getJson<SentBand>(`${urls.band}?${this.query({}, this.margin())}`, { signal, quiet: true })
          : null;
      this.draw();
      this.el.dataset.trendState = "loaded";
    } catch (error) {
      if (!(error instanceof DOMException)) this.note.textContent = error instanceof Error ? error.message : "";
    } finally {
      if (!signal.aborted) this.place.removeAttribute("aria-busy"); // else a newer one goes on
    }
  }

  /** Draw soon, once for many changes. */
  private draw(after = 0): void {
    if (this.drawing !== undefined) return;
    this.drawing = window.setTimeout(() => {
      this.drawing = undefined;
      const groups = axisGroups(this.shown());
      const height = this.state.layout === "stacked" ? heightFor(groups.length) : null;
      this.place.style.height = height === null ? "" : `${height}px`;
      // Axes are merged by their place: where they changed, everything is drawn anew.
      const drawn = JSON.stringify([this.state.layout, groups.map((one) => [one.unit, one.scale, one.places])]);
      if (height !== null || drawn !== this.panesDrawn) this.chart.echarts.resize();
      this.chart.refresh(drawn === this.panesDrawn);
      this.panesDrawn = drawn;
      this.label();
    }, after);
  }

  private label(): void {
    const { from_ms, until_ms, span_ms } = this.view;
    this.period.set(from_ms, until_ms);
    this.spans.mark(span_ms);
    this.table.show(this.lines, this.state, currentLook().series, from_ms, until_ms);
    this.note.textContent = noteOf(this.lines, from_ms, until_ms);
    const link = (format: string, text: string) =>
      h("a", { class: "btn btn-sm", href: `${this.props.urls.export}?${this.query({ format })}` }, text);
    this.exports.replaceChildren(...(this.state.codes.length ? [link("csv", "CSV"), link("xlsx", "Excel")] : []));
    this.remember();
  }

  private follow(): void {
    this.stopLive();
    this.stopLive = subscribe<ValueItem>("values", this.state.codes, (items) => this.onItems(items));
  }

  private onItems(items: ValueItem[]): void {
    let changed = false;
    for (const item of items) {
      const at = Date.parse(item.at);
      const line = this.lines.find((one) => one.code === item.key);
      if (line) changed = append(line, at, item.value, item.quality) || changed;
      if (at <= this.view.latest_ms) continue;
      this.view.reached(at);
      // Hours and formulas are made by the server: fetch them again, but not for every reading.
      if ((line?.resolution === "hourly" || this.state.formulas.length) && this.view.following && !this.resting) this.rest(15_000);
    }
    if (changed && this.view.following) this.draw(LIVE_MS);
  }

  private mark(set: Set<string>, code: string, on: boolean): void {
    if (on) set.add(code);
    else set.delete(code);
    this.draw();
  }

  private drop(code: string): void {
    this.state.codes = this.state.codes.filter((one) => one !== code);
    this.state.formulas = this.state.formulas.filter((one) => codeOf(one) !== code);
    for (const set of [this.state.own, this.state.hidden]) set.delete(code);
    this.state.scales.delete(code);
    this.changed();
  }

  /** Other lines: fetch them, and follow their values. */
  private changed(): void {
    this.follow();
    void this.load();
  }

  private kept(): State {
    const { from_ms, until_ms, following } = this.view;
    const span = this.view.name();
    const moving = following && span !== null;
    return { ...this.state, from_ms: moving ? null : from_ms, until_ms: moving ? null : until_ms, span };
  }

  private remember(): void {
    if (this.props.fixed) return;
    const query = writeState(this.kept());
    if (query !== window.location.search.slice(1)) window.history.replaceState(null, "", `${window.location.pathname}?${query}`);
  }
}

export function start(el: HTMLElement, props: unknown): () => void {
  const trend = new Trend(el, props as Props);
  return () => trend.stop();
}
