/**
 * The dispatcher's board: open jobs as a list and on a map, crews on a time line, all of it live.
 *
 *     {% island "fieldwork/board" props css="fw-board" %}
 *
 * With a proposal (`plan`) the same board shows and changes that proposal until somebody accepts it.
 */
import { h } from "@ui/dom";
import { getJson, sendJson } from "@ui/fetch";
import { t, tn } from "@ui/i18n";
import { type LiveItem, subscribe } from "@ui/live";
import { timeZone } from "@ui/page";
import { toast } from "@ui/toast";
import { Lanes } from "./lib/board-lanes";
import { JobList } from "./lib/board-list";
import type { BoardMap, Tiles } from "./lib/board-map";
import { type Board, type Crew, type Job, type Words, clockText, isLate, merge, titleOf } from "./lib/board-model";
import "./lib/board.css";

interface Props {
  url: string; move_url: string; crews_url: string; accept_url: string; aside_url: string; job_url: string; board_url: string;
  plan: number | null; may_plan: boolean; tiles: Tiles | null; zones: Record<string, string>; words: Words;
}

interface Candidate {
  crew: string; name: string; arrive: string | null; drive_s: number | null; drive_m: number | null;
  waiting: number; faults: string[]; lacking: string[];
}

const TONES: Record<string, string> = { urgent: "red", high: "orange", normal: "secondary", low: "secondary" };
const COMPUTING_MS = 1500;
const SETTLE_MS = 800;
const MINUTE_MS = 60_000;

class Dispatch {
  private readonly zone = timeZone();
  private readonly list: JobList;
  private readonly lanes: Lanes;
  private readonly panel = h("section", { class: "card fw-panel", "aria-live": "polite" });
  private readonly banner = h("div", { class: "fw-banner" });
  private readonly mapPlace = h("div", { class: "card fw-map" });
  private map: BoardMap | undefined;
  private board: Board | undefined;
  private jobs = new Map<string, Job>();
  private chosen = "";
  private asked: AbortController | undefined;
  private settling = 0;
  private readonly stops: (() => void)[] = [];

  constructor(private readonly el: HTMLElement, private readonly props: Props) {
    const title = (job: Job) => titleOf(job, props.words, props.zones);
    const choose = (number: string) => this.choose(number);
    this.lanes = new Lanes(this.zone, props.may_plan, {
      title, choose, faults: (job) => this.faults(job.broken), skills: (crew) => this.skills(crew),
      move: (number, crew, place) => void this.move(number, crew, place),
    });
    this.list = new JobList({
      title, choose, card: (job) => this.card(job),
      ...(props.may_plan ? { draggable: (el: HTMLElement, number: string) => this.lanes.draggable(el, number) } : {}),
    });
    el.append(this.banner, h("div", { class: "fw-top" }, this.list.el, this.mapPlace, this.panel), h("section", { class: "card fw-time" }, this.lanes.el));
    this.noChoice();
  }

  async begin(): Promise<void> {
    await this.load();
    if (!this.props.plan) {
      this.stops.push(subscribe<LiveItem & Partial<Job> & { cursor?: number }>("fieldwork.board", null, (items) => this.hear(items)));
      const tick = window.setInterval(() => void this.load(), MINUTE_MS);
      this.stops.push(() => window.clearInterval(tick));
    }
    const { BoardMap } = await import("./lib/board-map");
    if (!this.el.isConnected) return;
    this.map = new BoardMap(this.mapPlace, this.props.tiles, (number) => this.choose(number));
    this.draw();
  }

  end(): void {
    this.asked?.abort();
    window.clearTimeout(this.settling);
    this.stops.forEach((stop) => stop());
    this.map?.remove();
  }

  private async load(): Promise<void> {
    const url = this.props.plan ? `${this.props.url}?plan=${this.props.plan}` : this.props.url;
    this.board = await getJson<Board>(url);
    this.jobs = new Map(this.board.jobs.map((job) => [job.number, job]));
    this.draw();
    this.el.dataset.ready = "true";
    if (this.board.plan?.state === "computing") window.setTimeout(() => { if (this.el.isConnected) void this.load(); }, COMPUTING_MS);
  }

  private hear(items: readonly (LiveItem & Partial<Job> & { cursor?: number })[]): void {
    const rows = items.filter((item) => item.key === "job") as unknown as Job[];
    const missed = items.some((item) => item.cursor !== undefined && this.board && item.cursor > this.board.cursor);
    const { moved } = merge(this.jobs, rows);
    this.el.dataset.heard = String(Number(this.el.dataset.heard ?? 0) + rows.length);
    if (rows.length) this.draw();
    // The times of the crew that lost a job moved as well, and are not in the news.
    if (moved || missed) this.settle();
  }

  private settle(): void {
    window.clearTimeout(this.settling);
    this.settling = window.setTimeout(() => void this.load(), SETTLE_MS);
  }

  private draw(): void {
    if (!this.board) return;
    this.list.set(this.jobs, this.chosen, Date.parse(this.board.at));
    this.lanes.draw(this.board, this.jobs, this.chosen);
    this.map?.show(this.jobs, this.board.crews, this.chosen);
    this.drawBanner();
  }

  private card(job: Job): { badge: string; tone: string; line: string } {
    const { words } = this.props;
    const crew = this.board?.crews.find((one) => one.code === job.crew);
    const due = t("until {when}", { when: this.moment(job.due) });
    const reason = job.reason ? this.reason(job) : "";
    const where = crew ? `${crew.name}${job.begin ? ` ${clockText(job.begin, this.zone)}` : ""}` : "";
    return { badge: words.priorities[job.priority] ?? job.priority, tone: TONES[job.priority] ?? "secondary", line: [job.number, reason || where, due].filter(Boolean).join(" · ") };
  }

  /** Today only the time, on other days the day as well. */
  private moment(at: string): string {
    const day = (when: string | number) => new Intl.DateTimeFormat("en-CA", { timeZone: this.zone }).format(new Date(when));
    const time = clockText(at, this.zone);
    return day(at) === day(this.board?.at ?? at) ? time : `${day(at).slice(5)} ${time}`;
  }

  private faults(codes: readonly string[]): string {
    return codes.map((code) => this.props.words.rules[code] ?? code).join(", ");
  }

  private reason(job: Job): string {
    const lacking = this.lacking(job.broken);
    const said = this.props.words.reasons[job.reason] ?? job.reason;
    return lacking ? `${said}: ${lacking}` : said;
  }

  private lacking(codes: readonly string[]): string {
    const { skills, parts } = this.props.words;
    return codes.map((code) => skills[code] ?? parts[code] ?? "").filter(Boolean).join(", ");
  }

  private skills(crew: Crew): string {
    return crew.skills.map((code) => this.props.words.skills[code] ?? code).join(", ");
  }

  private drawBanner(): void {
    const plan = this.board?.plan;
    if (!plan) return this.banner.replaceChildren();
    if (plan.state === "computing") {
      this.banner.replaceChildren(h("div", { class: "alert alert-info fw-said" }, h("span", { class: "spinner-border spinner-border-sm" }), t("The proposal is being computed; this takes up to half a minute.")));
      return;
    }
    const words = [t("Proposal {n}: {placed} jobs have a crew, {left} stayed out.", { n: plan.id, placed: plan.placed, left: plan.left })];
    if (plan.drive_s !== null && plan.nearest_drive_s) {
      const saved = Math.round((1 - plan.drive_s / plan.nearest_drive_s) * 100);
      words.push(t("{hours} h of driving; nearest first would drive {other} h for {count} jobs ({saved} % less).", {
        hours: (plan.drive_s / 3600).toFixed(1), other: (plan.nearest_drive_s / 3600).toFixed(1), count: plan.nearest_placed, saved,
      }));
    }
    const buttons = this.props.may_plan && plan.state === "proposed" ? [
      h("button", { class: "btn btn-primary", type: "button", "data-fw": "accept", click: () => void this.decide("accept") }, t("Accept and give the jobs")),
      h("button", { class: "btn", type: "button", "data-fw": "aside", click: () => void this.decide("aside") }, t("Put the proposal aside")),
    ] : [];
    const over = plan.state === "accepted" ? t("It was accepted.") : plan.state === "put_aside" ? t("It was put aside.") : plan.state === "failed" ? t("It could not be computed.") : "";
    this.banner.replaceChildren(h("div", { class: "alert alert-info fw-said" }, h("span", {}, [...words, over].filter(Boolean).join(" ")),
      h("span", { class: "fw-buttons" }, ...buttons, h("a", { class: "btn", href: this.props.board_url }, t("To the present")))));
  }

  private async decide(what: "accept" | "aside"): Promise<void> {
    const url = (what === "accept" ? this.props.accept_url : this.props.aside_url).replace("/0/", `/${this.props.plan}/`);
    this.banner.querySelectorAll("button").forEach((one) => { one.disabled = true; });
    try {
      const answer = await sendJson<{ given?: number; passed_over?: string[] }>(url, {});
      if (answer.given !== undefined) {
        toast(tn("{n} job was given.", "{n} jobs were given.", answer.given), "info");
        if (answer.passed_over?.length) toast(t("Left as they are, since they moved on: {jobs}", { jobs: answer.passed_over.join(", ") }), "info");
      }
      window.location.assign(this.props.board_url);
    } catch {
      this.drawBanner();
    }
  }

  private async move(number: string, crew: string, place: number | null): Promise<void> {
    const body = { job: number, crew, place, plan: this.props.plan };
    try {
      const { broken } = await sendJson<{ broken: string[] }>(this.props.move_url, body);
      if (broken.length) toast(t("Given, although: {faults}.", { faults: this.faults(broken) }), "info");
    } catch {
      return;
    } finally {
      await this.load();
    }
    this.choose(number);
  }

  private noChoice(): void {
    const help = this.props.may_plan ? t("Choose a job in the list, on the map or on the time line. Drag it onto a crew, or give it here.") : t("Choose a job in the list, on the map or on the time line.");
    this.panel.replaceChildren(h("p", { class: "hs-nothing" }, help),
      ...(this.props.may_plan ? [h("p", { class: "text-secondary" }, t("On the time line: Alt with the arrow keys moves the job under the keyboard, Delete takes it back."))] : []));
  }

  private choose(number: string): void {
    this.chosen = number;
    const job = this.jobs.get(number);
    this.draw();
    if (!job) return this.noChoice();
    const { words } = this.props;
    const facts: [string, string][] = [
      [t("State"), job.begun ? t("begun") : words.states[job.state] ?? job.state],
      [t("Until"), this.moment(job.due)],
      [t("Takes"), t("{n} min", { n: job.minutes })],
    ];
    if (job.from || job.until) facts.push([t("Time window"), `${job.from ? this.moment(job.from) : ""}–${job.until ? this.moment(job.until) : ""}`]);
    if (job.crew) facts.push([t("Crew"), `${this.board?.crews.find((one) => one.code === job.crew)?.name ?? job.crew}${job.begin ? ` · ${this.moment(job.begin)}` : ""}`]);
    if (job.reason) facts.push([t("Stayed out"), this.reason(job)]);
    if (job.broken.length && job.crew) facts.push([t("Breaks"), this.faults(job.broken)]);
    const crews = h("div", { class: "fw-crews" }, h("p", { class: "hs-nothing" }, t("Looking for crews…")));
    this.panel.replaceChildren(
      h("h2", { class: "hs-card-title" }, titleOf(job, words, this.props.zones)),
      h("p", {}, h("a", { href: this.props.job_url.replace("NUMBER", job.number) }, job.number), " ",
        h("span", { class: `badge hs-badge bg-${TONES[job.priority] ?? "secondary"}-lt` }, words.priorities[job.priority] ?? ""),
        this.board && isLate(job, Date.parse(this.board.at)) && h("span", { class: "badge hs-badge bg-red-lt" }, t("Overdue"))),
      h("dl", { class: "hs-facts" }, ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
      crews,
    );
    if (job.crew && this.props.may_plan && !job.begun)
      this.panel.append(h("button", { class: "btn", type: "button", click: () => void this.move(job.number, "", null) }, this.props.plan ? t("Take out of the proposal") : t("Take back from the crew")));
    void this.propose(job, crews);
  }

  /** Ask which crews could do the job, the able one that is there first at the top. */
  private async propose(job: Job, place: HTMLElement): Promise<void> {
    this.asked?.abort();
    this.asked = new AbortController();
    if (job.begun) return place.replaceChildren();
    let found: Candidate[];
    try {
      found = await getJson<Candidate[]>(this.props.crews_url.replace("NUMBER", job.number), { signal: this.asked.signal, quiet: true });
    } catch {
      return;
    }
    place.replaceChildren(h("h3", { class: "fw-crews-title" }, t("Crews, nearest able first")), ...found.map((one, at) => this.candidate(job, one, at === 0 && !one.faults.length)));
  }

  private candidate(job: Job, one: Candidate, isBest: boolean): HTMLElement {
    const lacking = this.lacking(one.lacking);
    const against = this.faults(one.faults) + (lacking ? ` (${lacking})` : "");
    const way = one.arrive === null ? "" : t("there at {when}, {minutes} min and {km} km", {
      when: clockText(one.arrive, this.zone), minutes: Math.round((one.drive_s ?? 0) / 60), km: ((one.drive_m ?? 0) / 1000).toFixed(1),
    });
    const waiting = one.waiting ? tn("{n} job waits", "{n} jobs wait", one.waiting) : t("nothing else waits");
    const line = h("div", { class: `fw-candidate${one.faults.length ? " fw-unable" : ""}` },
      h("div", {}, h("strong", {}, one.name), h("small", {}, [way, waiting].filter(Boolean).join(" · ")), one.faults.length > 0 && h("small", { class: "text-danger" }, against)));
    if (this.props.may_plan && one.crew !== job.crew)
      line.append(h("button", { class: `btn btn-sm${isBest ? " btn-primary" : ""}`, type: "button", "aria-label": t("Give to {crew}", { crew: one.name }), click: () => void this.move(job.number, one.crew, null) }, t("Give it")));
    return line;
  }
}

export async function start(el: HTMLElement, given: unknown): Promise<() => void> {
  const dispatch = new Dispatch(el, given as Props);
  await dispatch.begin();
  return () => dispatch.end();
}
