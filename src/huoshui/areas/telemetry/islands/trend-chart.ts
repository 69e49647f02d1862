/**
 * The trend of one or several points: zoom, compare, flags, limits, expected band, live values.
 *
 *     {% island "telemetry/trend-chart" trend %}
 *
 * with `trend` = {points: ["p227.flow"], fixed: true, until_ms, speed, urls: {...}}. The period
 * is the view: dragging and the wheel move it, and finer data follow when it rests. Keys on the
 * chart: arrows move, + and - zoom, d w m y choose a span, End returns to now.
 */
import { type Chart, createChart } from "@ui/chart";
import { getJson } from "@ui/fetch";
import { duration, moment, number, zoneShifter, zoneUnshifter } from "@ui/format";
import { t } from "@ui/i18n";
import { type LiveItem, subscribe } from "@ui/live";
import { append, bandAt, byDay, type Line, lineOf, readingsIn, type SentBand, type SentLine, stepMs } from "./trend/columns";
import { type AlarmMark, option, type Shown } from "./trend/option";
import { h, spanButtons, SPANS, type SpanName, toggle } from "./trend/toolbar";
import "./trend/trend.css";

interface Props {
  points: string[];
  /** The first point stays; a page of one point is about it. */
  fixed: boolean;
  until_ms: number;
  span?: SpanName;
  urls: { chart: string; band: string; inputs: string; alarms: string; points: string; export: string };
}

interface ValueItem extends LiveItem {
  at: string;
  value: number | null;
  quality: number;
}

const LINES_MAX = 8;
const HOUR_MS = 3_600_000;
const REST_MS = 220;
const LIVE_MS = 1000;
/** The server answers with readings up to this period, with hours beyond it. */
const RAW_MS = 8 * 86_400_000;
/** Over longer periods the band of hours would only be a blur. */
const BAND_MS = 62 * 86_400_000;

class Trend {
  private codes: string[];
  private lines: Line[] = [];
  private band: SentBand | null = null;
  private alarms: AlarmMark[] = [];
  private from_ms: number;
  private until_ms: number;
  private latest_ms: number;
  private following = true;
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
  private readonly chips = h("div", { class: "trend-chips" });
  private readonly period = h("span", { class: "trend-period" });
  private readonly exports = h("span", { class: "btn-list" });
  private readonly inputs = h("div", { class: "trend-inputs" });

  constructor(
    private readonly el: HTMLElement,
    private readonly props: Props,
  ) {
    this.codes = props.points.slice(0, LINES_MAX);
    // The limits of several points on one another would say nothing.
    this.show.limits = this.codes.length === 1;
    this.latest_ms = props.until_ms;
    this.until_ms = props.until_ms;
    this.from_ms = props.until_ms - SPANS[props.span ?? "week"];
    this.spans = spanButtons((span) => this.setSpan(span));
    el.classList.add("trend");
    el.tabIndex = 0;
    el.setAttribute("role", "group");
    el.setAttribute("aria-label", t("Trend chart. Arrow keys move, plus and minus zoom, d w m y choose a day, week, month or year."));
    el.append(this.toolbar(), h("div", { class: "trend-second" }, this.chips, this.exports), this.place, this.note, this.details());
    el.addEventListener("keydown", (event) => this.onKey(event));
    this.chart = createChart(this.place, (look) => option(this.shown(), look));
    this.listen();
    this.refreshChips();
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
    const { shift, unshift } = this;
    return {
      lines: this.lines,
      band: this.show.band && this.codes.length === 1 ? this.band : null,
      alarms: this.show.alarms ? this.alarms : [],
      limits: this.show.limits,
      view: { from_ms: this.from_ms, until_ms: this.until_ms },
      shift,
      unshift,
    };
  }

  private toolbar(): HTMLElement {
    const move = (share: number) => () => this.move(share);
    const button = (label: string, text: string, act: () => void) => {
      const made = h("button", { type: "button", class: "btn btn-sm", "aria-label": label, title: label }, text);
      made.addEventListener("click", act);
      return made;
    };
    const set = (name: "band" | "limits" | "alarms") => (on: boolean) => {
      this.show[name] = on;
      this.draw();
    };
    return h(
      "div",
      { class: "trend-bar" },
      this.spans.el,
      h("div", { class: "btn-group" }, button(t("Earlier"), "‹", move(-0.5)), button(t("Later"), "›", move(0.5)), button(t("Back to now"), t("Now"), () => this.toNow())),
      h("div", { class: "btn-group" }, button(t("Zoom in"), "+", () => this.zoom(0.5)), button(t("Zoom out"), "−", () => this.zoom(2))),
      this.period,
      h("div", { class: "trend-checks" }, toggle(t("Expected band"), true, set("band")), toggle(t("Limits"), this.show.limits, set("limits")), toggle(t("Alarms"), true, set("alarms"))),
    );
  }

  private details(): HTMLElement {
    const opened = h("details", { class: "trend-why" }, h("summary", {}, t("How the expected band is made")), this.inputs);
    opened.addEventListener("toggle", () => {
      if (opened.open) void this.explain();
    });
    return opened;
  }

  private listen(): void {
    this.chart.echarts.on("datazoom", () => this.onZoom());
    this.chart.echarts.getZr().on("dblclick", () => this.toNow());
  }

  private onZoom(): void {
    const zoom = (this.chart.echarts.getOption().dataZoom as { startValue: number; endValue: number }[])[0];
    if (!zoom) return;
    this.from_ms = this.unshift(zoom.startValue);
    this.until_ms = this.unshift(zoom.endValue);
    this.following = this.until_ms >= this.latest_ms;
    this.label();
    this.rest();
  }

  /** Load when the view has come to rest. */
  private rest(after = REST_MS): void {
    window.clearTimeout(this.resting);
    this.resting = window.setTimeout(() => void this.load(), after);
  }

  private setView(from_ms: number, until_ms: number): void {
    this.from_ms = from_ms;
    this.until_ms = until_ms;
    this.following = until_ms >= this.latest_ms;
    this.draw();
    this.rest(0);
  }

  private setSpan(span: SpanName): void {
    const until = this.following ? this.latest_ms : this.until_ms;
    this.setView(until - SPANS[span], until);
  }

  private move(share: number): void {
    const step = (this.until_ms - this.from_ms) * share;
    this.setView(this.from_ms + step, this.until_ms + step);
  }

  private zoom(by: number): void {
    const span = Math.min(Math.max((this.until_ms - this.from_ms) * by, 600_000), 3 * SPANS.year);
    const until = this.following ? this.until_ms : (this.from_ms + this.until_ms + span) / 2;
    this.setView(until - span, until);
  }

  private toNow(): void {
    this.setView(this.latest_ms - (this.until_ms - this.from_ms), this.latest_ms);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.target !== this.el || event.ctrlKey || event.metaKey || event.altKey) return;
    const deeds: Record<string, () => void> = {
      ArrowLeft: () => this.move(-0.25),
      ArrowRight: () => this.move(0.25),
      "+": () => this.zoom(0.5),
      "=": () => this.zoom(0.5),
      "-": () => this.zoom(2),
      End: () => this.toNow(),
      d: () => this.setSpan("day"),
      w: () => this.setSpan("week"),
      m: () => this.setSpan("month"),
      y: () => this.setSpan("year"),
    };
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  }

  private query(extra: Record<string, string> = {}, margin = 0): string {
    const span = this.until_ms - this.from_ms;
    return new URLSearchParams({
      points: this.codes.join(","),
      from: new Date(this.from_ms - span * margin).toISOString(),
      until: new Date(this.until_ms + span * margin).toISOString(),
      ...extra,
    }).toString();
  }

  /** How much beyond the view is fetched on both sides: never so much that readings become hours. */
  private margin(): number {
    const span = this.until_ms - this.from_ms;
    return span <= RAW_MS ? Math.min(0.5, (RAW_MS / span - 1) / 2) : this.long() ? 0 : 0.5;
  }

  /** How many points to ask for: enough for every pixel, or every hour of a long period. */
  private pointsMax(): number {
    return this.long() ? 10_000 : Math.round(Math.min(Math.max(this.place.clientWidth, 400), 2000) * 3);
  }

  /** Whether the view is so long that days say more than hours. */
  private long(): boolean {
    return this.until_ms - this.from_ms > 2 * BAND_MS;
  }

  private async load(): Promise<void> {
    this.loading.abort();
    const loading = (this.loading = new AbortController());
    const { signal } = loading;
    this.label();
    try {
      const points = String(this.pointsMax());
      const chart = getJson<{ series: SentLine[] }>(`${this.props.urls.chart}?${this.query({ max_points: points }, this.margin())}`, { signal });
      const alarms = getJson<AlarmMark[]>(`${this.props.urls.alarms}?${this.query()}`, { signal, quiet: true });
      const lines = (await chart).series.map(lineOf);
      this.lines = this.long() ? lines.map((line) => byDay(line, this.shift)) : lines;
      this.draw();
      this.alarms = await alarms;
      this.band =
        this.codes.length === 1 && this.until_ms - this.from_ms <= BAND_MS
          ? await getJson<SentBand>(`${this.props.urls.band}?${this.query({}, this.margin())}`, { signal, quiet: true })
          : null;
      this.draw();
      this.el.dataset.trendState = "loaded";
    } catch (error) {
      if (!(error instanceof DOMException)) this.note.textContent = error instanceof Error ? error.message : "";
    }
  }

  /** Draw soon, once for many changes. */
  private draw(after = 0): void {
    if (this.drawing !== undefined) return;
    this.drawing = window.setTimeout(() => {
      this.drawing = undefined;
      this.chart.refresh();
      this.label();
    }, after);
  }

  private label(): void {
    this.period.textContent = `${moment(this.from_ms)} – ${moment(this.until_ms)}`;
    this.spans.mark(this.until_ms - this.from_ms);
    const counts = this.lines.map((line) => readingsIn(line, this.from_ms, this.until_ms));
    const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    const counted = counts.every((count) => count !== null);
    const hourly = this.lines.find((line) => line.resolution === "hourly");
    this.note.textContent = !this.lines.length
      ? ""
      : total || !counted
        ? hourly
          ? t("Means of {span}; the shaded range is the smallest and largest reading in it.", { span: duration(stepMs(hourly) / 1000) })
          : counted
            ? t("{count} readings", { count: number(total, 0) })
            : ""
        : t("No readings in this period.");
    const link = (format: string, text: string) =>
      h("a", { class: "btn btn-sm", href: `${this.props.urls.export}?${this.query({ format })}` }, text);
    this.exports.replaceChildren(link("csv", "CSV"), link("xlsx", "Excel"));
  }

  private follow(): void {
    this.stopLive();
    this.stopLive = subscribe<ValueItem>("values", this.codes, (items) => this.onItems(items));
  }

  private onItems(items: ValueItem[]): void {
    let changed = false;
    for (const item of items) {
      const at = Date.parse(item.at);
      const line = this.lines.find((one) => one.code === item.key);
      if (line) changed = append(line, at, item.value, item.quality) || changed;
      if (at <= this.latest_ms) continue;
      if (this.following) {
        this.from_ms += Math.max(0, at - this.until_ms);
        this.until_ms = Math.max(this.until_ms, at);
      }
      this.latest_ms = at;
      // Hours are made by the server: fetch them again, but not for every reading.
      if (line?.resolution === "hourly" && this.following && !this.resting) this.rest(15_000);
    }
    if (changed && this.following) this.draw(LIVE_MS);
  }

  private refreshChips(): void {
    const chip = (code: string, i: number) => {
      const remove = h("button", { type: "button", class: "btn-close", "aria-label": t("Remove {code}", { code }) });
      remove.addEventListener("click", () => this.setCodes(this.codes.filter((one) => one !== code)));
      const removable = !(this.props.fixed && i === 0) && this.codes.length > 1;
      return h("span", { class: "trend-chip" }, code, ...(removable ? [remove] : []));
    };
    const known = h("datalist", { id: "trend-points" });
    const box = h("input", { class: "form-control form-control-sm", list: "trend-points", placeholder: t("Compare with …"), "aria-label": t("Compare with another point") });
    box.addEventListener("focus", () => void this.suggest(known), { once: true });
    box.addEventListener("change", () => {
      const code = box.value.trim();
      const offered = [...known.querySelectorAll("option")].some((one) => one.value === code);
      box.classList.toggle("is-invalid", code !== "" && !offered);
      if (offered && !this.codes.includes(code)) this.setCodes([...this.codes, code]);
    });
    const room = this.codes.length < LINES_MAX ? [box, known] : [];
    this.chips.replaceChildren(...this.codes.map(chip), ...room);
  }

  private async suggest(into: HTMLElement): Promise<void> {
    const points = await getJson<{ code: string; name: string }[]>(this.props.urls.points);
    into.replaceChildren(...points.map((one) => h("option", { value: one.code }, one.name)));
  }

  private setCodes(codes: string[]): void {
    this.codes = codes.slice(0, LINES_MAX);
    if (!this.props.fixed) {
      const url = new URL(window.location.href);
      url.searchParams.set("points", this.codes.join(","));
      window.history.replaceState(null, "", url);
    }
    this.refreshChips();
    this.follow();
    void this.load();
  }

  /** Open the number: the formula, and the earlier hours behind the newest hour in view. */
  private async explain(): Promise<void> {
    const line = this.lines[0];
    const code = this.codes[0];
    if (!line || !code) return;
    const at = Math.floor(Math.min(this.until_ms, this.latest_ms) / HOUR_MS) * HOUR_MS - HOUR_MS;
    const earlier = await getJson<{ at: string; value: number | null }[]>(
      `${this.props.urls.inputs}?${new URLSearchParams({ point: code, at: new Date(at).toISOString() })}`,
    );
    const band = bandAt(this.band, at + HOUR_MS / 2);
    const body = earlier.map((one) => h("tr", {}, h("td", {}, moment(one.at)), h("td", { class: "hs-number" }, number(one.value, line.decimals))));
    this.inputs.replaceChildren(
      h("p", {}, t("The middle is the median of the hourly means of the same hour in the eight weeks before. Half the width is 3 × 1.4826 × the median distance from it, over that hour and its two neighbours. With fewer than four known weeks there is no band.")),
      h("p", {}, band
        ? t("Hour of {at}: {low} … {high}, middle {middle} {unit}.", { at: moment(at), low: number(band[0], line.decimals), high: number(band[2], line.decimals), middle: number(band[1], line.decimals), unit: line.unit })
        : t("There is no band for the hour of {at}.", { at: moment(at) })),
      h("table", { class: "table table-sm" }, h("thead", {}, h("tr", {}, h("th", {}, t("The same hour before")), h("th", { class: "hs-number" }, `${t("Mean of the hour")} [${line.unit}]`))), h("tbody", {}, ...body)),
    );
  }
}

export function start(el: HTMLElement, props: unknown): () => void {
  const trend = new Trend(el, props as Props);
  return () => trend.stop();
}
