/**
 * The dispatcher's board: open jobs as a list and on a map, crews on a time line, all of it live.
 *
 *     {% island "fieldwork/board" props css="fw-board" %}
 *
 * With a proposal (`plan`) the same board shows and changes that proposal until somebody accepts it.
 */
import { h } from "@ui/dom";
import { getJson, Refused, sendJson } from "@ui/fetch";
import { shortDay } from "@ui/format";
import { t, tn } from "@ui/i18n";
import { type LiveItem, subscribe } from "@ui/live";
import { timeZone } from "@ui/page";
import { toast } from "@ui/toast";
import { DeedBar } from "./lib/board-bar";
import { Candidates, GiveBox } from "./lib/board-give";
import { Lanes } from "./lib/board-lanes";
import { JobList } from "./lib/board-list";
import type { BoardMap, Box, Tiles } from "./lib/board-map";
import { type Board, type Crew, type Job, type Sent, type Wait, type Words, boardOf, clockText, crewOf, dayOf, isLate, merge, otherWaits, partsOf, titleOf, unpacker, whyWaiting } from "./lib/board-model";
import "./lib/board.css";

interface Props {
  url: string; move_url: string; crews_url: string; accept_url: string; aside_url: string; job_url: string; board_url: string;
  plan: number | null; may_plan: boolean; tiles: Tiles | null; box: Box | null; zones: Record<string, string>; words: Words;
}

type News = LiveItem & { row?: unknown[]; crew?: Crew; cursor?: number; job?: string; wait?: Wait };

const TONES: Record<string, string> = { urgent: "red", high: "orange", normal: "secondary", low: "secondary" };
const CONFLICTS = new Set(["fieldwork.given_meanwhile", "fieldwork.day_changed", "fieldwork.proposal_changed"]);
const COMPUTING_MS = 1500;
const SETTLE_MS = 400;
const MINUTE_MS = 60_000;
/** So many looks bring differences, the next one everything: orders may move without a step of any job. */
const WHOLE_EVERY = 5;

class Dispatch {
  private readonly zone = timeZone();
  private readonly list: JobList;
  private readonly lanes: Lanes;
  private readonly bar = new DeedBar();
  private readonly candidates: Candidates;
  private readonly box: GiveBox | undefined;
  private readonly panel = h("section", { class: "card fw-panel", "aria-live": "polite" });
  private readonly banner = h("div", { class: "fw-banner" });
  private readonly mapPlace = h("div", { class: "card fw-map" });
  private readonly days = new Map<number, string>();
  private map: BoardMap | undefined;
  private board: Board | undefined;
  private jobs = new Map<string, Job>();
  private unpack: (row: readonly unknown[]) => Job = unpacker([]);
  private crewNames = new Map<string, Crew>();
  private chosen = "";
  private settling = 0;
  private looks = 0;
  private early: News[] = [];
  private readonly stops: (() => void)[] = [];

  constructor(private readonly el: HTMLElement, private readonly props: Props) {
    const title = (job: Job) => titleOf(job, props.words, props.zones);
    const choose = (number: string) => this.choose(number);
    const give = (number: string) => this.offer(number);
    this.lanes = new Lanes(this.zone, props.may_plan, {
      title, choose, give, faults: (job) => this.faults(job.broken), skills: (crew) => this.skills(crew),
      move: (number, crew, place) => void this.move(number, crew, place),
    });
    const deeds = { url: props.crews_url, moment: (at: number) => this.moment(at), words: props.words, mayPlan: props.may_plan, title, give: (number: string, crew: string) => void this.move(number, crew, null) };
    this.candidates = new Candidates(deeds);
    this.box = props.may_plan ? new GiveBox(deeds) : undefined;
    this.list = new JobList({
      title, choose, parts: (job) => partsOf(job, props.words, props.zones), card: (job) => this.card(job),
      ...(props.may_plan ? { give, draggable: (el: HTMLElement, number: string) => this.lanes.draggable(el, number) } : {}),
    });
    el.append(this.banner, this.bar.el, h("div", { class: "fw-top" }, this.list.el, this.mapPlace, this.panel), h("section", { class: "card fw-time" }, this.lanes.el));
    this.noChoice();
  }

  async begin(): Promise<void> {
    // The library of the map is large: it comes while the jobs are asked for.
    const library = import("./lib/board-map");
    await Promise.all([this.load(), library.then(({ BoardMap }) => {
      if (!this.el.isConnected) return;
      this.map = new BoardMap(this.mapPlace, this.props.tiles, this.props.box, (number) => this.choose(number), () => performance.mark("board-map"));
      if (this.board) this.map.show(this.jobs, this.board.crews, this.chosen);
    })]);
    if (this.props.plan || !this.el.isConnected) return;
    this.stops.push(subscribe<News>("fieldwork.board", null, (items) => this.hear(items)));
    const tick = window.setInterval(() => void this.look(), MINUTE_MS);
    this.stops.push(() => window.clearInterval(tick));
  }

  end(): void {
    this.candidates.stop();
    this.bar.clear();
    this.box?.remove();
    window.clearTimeout(this.settling);
    this.stops.forEach((stop) => stop());
    this.map?.remove();
  }

  private async load(after: number | null = null): Promise<void> {
    const asked = new URLSearchParams();
    if (this.props.plan) asked.set("plan", String(this.props.plan));
    else if (after !== null) asked.set("after", String(after));
    const sent = await getJson<Sent>(asked.size ? `${this.props.url}?${asked}` : this.props.url, { quiet: after !== null });
    const before = this.board?.waits ?? {};
    this.board = boardOf(sent);
    this.list.renew(otherWaits(before, this.board.waits));
    this.unpack = unpacker(sent.columns);
    this.crewNames = new Map(this.board.crews.map((crew) => [crew.code, crew]));
    const rows = sent.jobs.map(this.unpack);
    if (sent.after === null) this.jobs = new Map(rows.map((job) => [job.number, job]));
    else merge(this.jobs, rows);
    this.days.clear();
    this.draw();
    if (!this.el.dataset.ready) performance.mark("board-listed");
    this.el.dataset.ready = "true";
    if (this.board.plan?.state === "computing") window.setTimeout(() => { if (this.el.isConnected) void this.load(); }, COMPUTING_MS);
    if (this.early.length) this.hear(this.early.splice(0));
  }

  /** Look again: what changed, and now and then everything. A failure shows by itself: the line says it is lost. */
  private async look(): Promise<void> {
    this.looks += 1;
    const whole = this.looks % WHOLE_EVERY === 0;
    await this.load(whole ? null : this.board?.cursor ?? null).catch(() => undefined);
  }

  private hear(items: readonly News[]): void {
    const { board } = this;
    if (!board) {
      this.early.push(...items);
      return;
    }
    const rows = items.flatMap((item) => item.row ? [this.unpack(item.row)] : []);
    const touched = merge(this.jobs, rows);
    // Whoever got a crew, or lost one, waits for no reason that was found before.
    for (const row of rows) delete board.waits[row.number];
    const found = items.filter((item) => item.job && item.wait);
    for (const { job, wait } of found) if (job && wait) board.waits[job] = wait;
    if (found.length) this.list.renew(found.map((item) => item.job ?? ""));
    for (const item of items) {
      if (!item.crew) continue;
      const crew = crewOf(item.crew);
      const at = board.crews.findIndex((one) => one.code === crew.code);
      const before = board.crews[at];
      if (!before || String(before.shift) !== String(crew.shift)) board.crews = [...board.crews.filter((one) => one.code !== crew.code), crew];
      else board.crews[at] = crew;
      this.crewNames.set(crew.code, crew);
    }
    this.el.dataset.heard = String(Number(this.el.dataset.heard ?? 0) + rows.length);
    if (rows.length || found.length) this.draw(touched);
    if (this.chosen && (rows.some((row) => row.number === this.chosen) || found.some((item) => item.job === this.chosen))) this.drawPanel();
    const cursor = Math.max(0, ...items.map((item) => item.cursor ?? 0));
    // News of a step that we did not hear of: what lies between is asked for, not everything.
    if (cursor > board.cursor && !rows.length) this.settle();
    else board.cursor = Math.max(board.cursor, cursor);
  }

  private settle(): void {
    window.clearTimeout(this.settling);
    this.settling = window.setTimeout(() => void this.load(this.board?.cursor ?? null).catch(() => undefined), SETTLE_MS);
  }

  private draw(only: ReadonlySet<string> | null = null): void {
    if (!this.board) return;
    this.list.set(this.jobs, this.chosen, this.board.at);
    this.lanes.draw(this.board, this.jobs, this.chosen, only);
    this.map?.show(this.jobs, this.board.crews, this.chosen);
    this.drawBanner();
  }

  private card(job: Job): { badge: string; tone: string; line: string; more: string } {
    const { words } = this.props;
    const crew = this.crewNames.get(job.crew);
    const due = t("until {when}", { when: this.moment(job.due) });
    const reason = job.reason ? this.reason(job) : "";
    const why = this.why(job, true);
    const where = crew ? `${crew.name}${job.begin ? ` ${clockText(job.begin, this.zone)}` : ""}` : "";
    return { badge: words.priorities[job.priority] ?? job.priority, tone: TONES[job.priority] ?? "secondary", line: [due, reason || why || where, job.number].filter(Boolean).join(" · "), more: this.why(job) };
  }

  /** Today only the time, on other days the day as well. */
  private moment(at: number): string {
    const time = clockText(at, this.zone);
    const day = this.day(at);
    return day === this.day(this.board?.at ?? at) ? time : `${shortDay(at, this.zone)} ${time}`;
  }

  private day(at: number): string {
    const hour = Math.floor(at / 3600_000);
    let day = this.days.get(hour);
    if (day === undefined) this.days.set(hour, day = new Intl.DateTimeFormat("en-CA", { timeZone: this.zone }).format(new Date(at)));
    return day;
  }

  private faults(codes: readonly string[]): string {
    return codes.map((code) => this.props.words.rules[code] ?? code).join(", ");
  }

  private reason(job: Job): string {
    const { skills, parts, reasons } = this.props.words;
    const lacking = job.broken.map((code) => skills[code] ?? parts[code] ?? "").filter(Boolean).join(", ");
    const said = reasons[job.reason] ?? job.reason;
    return lacking ? `${said}: ${lacking}` : said;
  }

  /** Why a job without a crew waits, in the present and not in a proposal. */
  private why(job: Job, short = false): string {
    const wait = job.crew || this.props.plan ? undefined : this.board?.waits[job.number];
    return wait ? whyWaiting(wait, this.props.words, short) : "";
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
    const over = { roads: t("Ways over the roads."), pipes: t("Ways along the pipes."), line: t("Ways estimated by straight lines.") }[plan.travel];
    if (over) words.push(over);
    if (plan.legs_by_line && plan.travel !== "line") words.push(tn("{n} way is a straight line.", "{n} ways are straight lines.", plan.legs_by_line));
    const buttons = this.props.may_plan && plan.state === "proposed" ? [
      h("button", { class: "btn btn-primary", type: "button", "data-fw": "accept", click: () => void this.decide("accept") }, t("Accept and give the jobs")),
      h("button", { class: "btn", type: "button", "data-fw": "aside", click: () => void this.decide("aside") }, t("Put the proposal aside")),
    ] : [];
    const ended = plan.state === "accepted" ? t("It was accepted.") : plan.state === "put_aside" ? t("It was put aside.") : plan.state === "failed" ? t("It could not be computed.") : "";
    this.banner.replaceChildren(h("div", { class: "alert alert-info fw-said" }, h("span", {}, [...words, ended].filter(Boolean).join(" ")),
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

  /** Give a job to a crew (none: take it back), as we saw it; who was quicker is not overwritten. */
  private async move(number: string, crew: string, place: number | null, undoing = false): Promise<void> {
    const job = this.jobs.get(number);
    const before = { crew: job?.crew ?? "", place: job?.crew ? dayOf(this.jobs.values(), job.crew).findIndex((one) => one.number === number) : null };
    const name = this.crewNames.get(crew)?.name ?? crew;
    // A place means something only in the day that was seen; the end is always the end.
    const day = crew && place !== null && !this.props.plan ? dayOf(this.jobs.values(), crew).map((one) => one.number) : null;
    this.bar.clear();
    try {
      const { broken } = await sendJson<{ broken: string[] }>(this.props.move_url, { job: number, crew, place, plan: this.props.plan, seen: before.crew, day }, { quiet: true });
      const words = [crew ? t("Job {number} is with {crew}.", { number, crew: name }) : t("Job {number} waits for a crew.", { number })];
      if (broken.length) words.push(t("Given, although: {faults}.", { faults: this.faults(broken) }));
      if (undoing) toast(words.join(" "), "info");
      else this.bar.done(words.join(" "), () => void this.move(number, before.crew, before.place, true));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (CONFLICTS.has(error.code)) {
        const label = crew ? t("Give it to {crew} all the same", { crew: name }) : t("Take it back all the same");
        // The next try says what is seen now, so that a third person is not overwritten either.
        this.bar.conflict(error.message, label, () => void this.move(number, crew, null));
      } else toast(error.message, "error", error.nextStep);
    }
    await this.load(this.board?.cursor ?? null).catch(() => undefined);
    this.choose(number);
  }

  private offer(number: string): void {
    const job = this.jobs.get(number);
    if (!job || job.begun) return;
    this.choose(number);
    this.box?.open(job);
  }

  private noChoice(): void {
    const help = this.props.may_plan ? t("Choose a job in the list, on the map or on the time line. Drag it onto a crew, or give it here.") : t("Choose a job in the list, on the map or on the time line.");
    this.panel.replaceChildren(h("p", { class: "hs-nothing" }, help), ...(this.props.may_plan ? [
      h("p", { class: "text-secondary fw-by-finger" }, t("By finger: hold a job until it lifts, or draw it by its dots.")),
      h("p", { class: "text-secondary fw-by-key" }, t("By keyboard: Enter in the list, G on the time line offers the crews. On the time line Alt with the arrow keys moves a job, Delete takes it back.")),
    ] : []));
  }

  private choose(number: string): void {
    this.chosen = number;
    this.list.choose(number);
    this.lanes.choose(number);
    if (this.board) this.map?.mark(this.jobs, this.board.crews, number);
    this.drawPanel();
  }

  private drawPanel(): void {
    const job = this.jobs.get(this.chosen);
    if (!job) return this.noChoice();
    const { words } = this.props;
    const facts: [string, string][] = [
      [t("State"), job.begun ? t("begun") : words.states[job.state] ?? job.state],
      [t("To be done until"), this.moment(job.due)],
      [t("Takes"), t("{n} min", { n: job.minutes })],
    ];
    if (job.from || job.until) facts.push([t("Time window"), `${job.from ? this.moment(job.from) : ""}–${job.until ? this.moment(job.until) : ""}`]);
    if (job.crew) facts.push([t("Crew"), `${this.crewNames.get(job.crew)?.name ?? job.crew}${job.begin ? ` · ${this.moment(job.begin)}` : ""}`]);
    const wait = this.board?.waits[job.number];
    const why = this.why(job);
    if (why && wait) facts.push([t("Without a crew because"), why], [t("Crews last compared"), this.moment(wait.at * 1000)]);
    if (job.reason) facts.push([t("Stayed out"), this.reason(job)]);
    if (job.broken.length && job.crew) facts.push([t("Breaks"), this.faults(job.broken)]);
    const crews = h("div", { class: "fw-crews" }, h("p", { class: "hs-nothing" }, t("Looking for crews…")));
    this.panel.replaceChildren(
      h("h2", { class: "hs-card-title" }, titleOf(job, words, this.props.zones)),
      h("p", {}, h("a", { href: this.props.job_url.replace("NUMBER", job.number) }, job.number), " ",
        h("span", { class: `badge hs-badge bg-${TONES[job.priority] ?? "secondary"}-lt` }, words.priorities[job.priority] ?? ""),
        this.board && isLate(job, this.board.at) && h("span", { class: "badge hs-badge bg-red-lt" }, t("Overdue"))),
      h("dl", { class: "hs-facts" }, ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
      crews,
    );
    if (job.crew && this.props.may_plan && !job.begun)
      this.panel.append(h("button", { class: "btn", type: "button", "data-fw": "back", click: () => void this.move(job.number, "", null) }, this.props.plan ? t("Take out of the proposal") : t("Take back from the crew")));
    if (job.begun) crews.replaceChildren();
    else void this.candidates.fill(job, crews);
  }
}

export async function start(el: HTMLElement, given: unknown): Promise<() => void> {
  const dispatch = new Dispatch(el, given as Props);
  await dispatch.begin();
  return () => dispatch.end();
}
