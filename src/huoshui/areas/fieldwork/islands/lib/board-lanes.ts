/** The time line of the board: a row for each crew, its jobs as blocks that can be dragged. */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";
import { draggable } from "./board-drag";
import { type Board, type Crew, type Job, clockText, dayOf, placeAt, share, shortTitle } from "./board-model";

export interface Deeds {
  title(job: Job): string;
  choose(number: string): void;
  move(number: string, crew: string, place: number | null): void;
  give(number: string): void;
  faults(job: Job): string;
  skills(crew: Crew): string;
}

const HOUR = 3600_000;

export class Lanes {
  readonly el = h("div", { class: "fw-lanes", role: "group", "aria-label": t("Time line of the crews") });
  private board: Board | undefined;
  private crews: Crew[] = [];
  private jobs: Map<string, Job> = new Map();
  private readonly lanes = new Map<string, HTMLElement>();
  private chosen = "";

  constructor(private readonly zone: string, private readonly mayPlan: boolean, private readonly deeds: Deeds) {}

  /** Draw all lanes, or only those of some crews where nothing else changed. */
  draw(board: Board, jobs: Map<string, Job>, chosen: string, only: ReadonlySet<string> | null = null): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset.job;
    const whole = !only || !this.board || this.board.from !== board.from || this.board.crews !== board.crews;
    [this.board, this.jobs, this.chosen] = [board, jobs, chosen];
    const byCrew = new Map<string, Job[]>();
    for (const job of jobs.values()) {
      if (!job.crew || (!whole && !only?.has(job.crew))) continue;
      const day = byCrew.get(job.crew);
      if (day) day.push(job);
      else byCrew.set(job.crew, [job]);
    }
    if (whole) this.drawAll(board, byCrew);
    else
      for (const code of only ?? []) {
        const crew = this.crews.find((one) => one.code === code);
        const before = this.lanes.get(code);
        if (!crew || !before) continue;
        const lane = this.lane(crew, byCrew.get(code) ?? []);
        before.replaceWith(lane);
        this.lanes.set(code, lane);
      }
    if (focused) this.el.querySelector<HTMLElement>(`[data-job="${CSS.escape(focused)}"]`)?.focus();
  }

  private drawAll(board: Board, byCrew: Map<string, Job[]>): void {
    // Who is at work comes first; the rest is there to be seen, not to be given anything by accident.
    this.crews = [...board.crews].sort((a, b) => Number(!a.shift) - Number(!b.shift) || (a.code < b.code ? -1 : 1));
    const { from, until } = board;
    const ruler = h("div", { class: "fw-ruler" });
    for (let at = from; at < until; at += HOUR) {
      const mark = h("span", {}, clockText(at, this.zone));
      mark.style.left = `${share(at, from, until) * 100}%`;
      ruler.append(mark);
    }
    this.lanes.clear();
    const rows = this.crews.map((crew) => {
      const lane = this.lane(crew, byCrew.get(crew.code) ?? []);
      this.lanes.set(crew.code, lane);
      return lane;
    });
    this.el.replaceChildren(h("div", { class: "fw-lane fw-lane-head" }, h("div", { class: "fw-lane-name" }, t("Crew")), ruler), ...rows);
  }

  /** Mark another job as the chosen one; nothing else has changed. */
  choose(number: string): void {
    this.chosen = number;
    this.el.querySelector(".fw-block.fw-chosen")?.classList.remove("fw-chosen");
    this.el.querySelector(`[data-job="${CSS.escape(number)}"]`)?.classList.add("fw-chosen");
  }

  private lane(crew: Crew, jobs: Job[]): HTMLElement {
    const { from, until, at } = this.board ?? { from: 0, until: 1, at: 0 };
    const track = h("div", { class: "fw-track" });
    if (crew.shift) {
      const shift = h("div", { class: "fw-shift" });
      const begin = Math.max(0, share(crew.shift[0], from, until));
      const end = Math.min(1, share(crew.shift[1], from, until));
      shift.style.left = `${begin * 100}%`;
      shift.style.width = `${Math.max(0, end - begin) * 100}%`;
      track.append(shift);
    }
    const day = dayOf(jobs, crew.code);
    let later = 0;
    for (const job of day) {
      const block = this.block(job, from, until);
      if (block) track.append(block);
      else if (job.begin === null || job.begin >= until) later += 1;
    }
    if (later) track.append(h("span", { class: "fw-later", title: t("Jobs beyond the hours shown") }, `+${later}`));
    const now = h("div", { class: "fw-now" });
    now.style.left = `${share(at, from, until) * 100}%`;
    track.append(now);
    return h("div", { class: `fw-lane${crew.shift ? "" : " fw-lane-off"}`, "data-crew": crew.code },
      h("div", { class: "fw-lane-name", title: `${crew.people.join(", ")}\n${this.deeds.skills(crew)}` },
        h("strong", {}, crew.name), h("small", {}, crew.shift ? this.deeds.skills(crew) : t("not at work"))),
      track);
  }

  private block(job: Job, from: number, until: number): HTMLElement | null {
    if (job.begin === null) return null;
    const begin = share(job.begin, from, until);
    const end = begin + (job.minutes * 60_000) / (until - from);
    if (end < 0 || begin > 1) return null;
    const faults = this.deeds.faults(job);
    const title = this.deeds.title(job);
    const css = ["fw-block", `fw-${job.priority}`];
    if (job.begun) css.push("fw-begun");
    if (faults) css.push("fw-broken");
    if (job.number === this.chosen) css.push("fw-chosen");
    const words = [clockText(job.begin, this.zone), job.number, title, faults].filter(Boolean).join(" · ");
    const block = h("button", { type: "button", class: css.join(" "), "data-job": job.number, title: words, "aria-label": words }, shortTitle(title));
    block.style.left = `${Math.max(0, begin) * 100}%`;
    block.style.width = `${(Math.min(1, end) - Math.max(0, begin)) * 100}%`;
    block.addEventListener("click", () => this.deeds.choose(job.number));
    if (this.mayPlan && !job.begun) {
      block.addEventListener("keydown", (event) => this.key(event, job));
      this.draggable(block, job.number);
    }
    return block;
  }

  /** Alt with the arrows: up and down to another crew, left and right in the order; Delete takes back; G: give to… */
  private key(event: KeyboardEvent, job: Job): void {
    const day = dayOf(this.jobs.values(), job.crew);
    const at = day.findIndex((one) => one.number === job.number);
    const atWork = this.crews.filter((one) => one.shift || one.code === job.crew);
    const lane = atWork.findIndex((one) => one.code === job.crew);
    if (event.key === "Delete") this.deeds.move(job.number, "", null);
    else if (event.key.toLowerCase() === "g" && !event.ctrlKey && !event.metaKey) this.deeds.give(job.number);
    else if (!event.altKey) return;
    else if (event.key === "ArrowLeft" && at > 0) this.deeds.move(job.number, job.crew, at - 1);
    else if (event.key === "ArrowRight" && at < day.length - 1) this.deeds.move(job.number, job.crew, at + 1);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const next = atWork[lane + (event.key === "ArrowUp" ? -1 : 1)];
      if (next) this.deeds.move(job.number, next.code, placeAt(dayOf(this.jobs.values(), next.code), job.begin ?? 0, job.number));
    } else return;
    event.preventDefault();
  }

  /** Let an element be dragged onto a crew; where it is dropped says at which place of its order. */
  draggable(el: HTMLElement, number: string): void {
    draggable(el, () => el.dataset.said ?? el.textContent ?? "", {
      over: (x, y) => document.elementsFromPoint(x, y)
        .map((one) => one.closest<HTMLElement>(".fw-lane[data-crew]")).find((one) => one !== null) ?? null,
      drop: (lane, x) => {
        if (!this.board) return;
        const track = lane.querySelector(".fw-track")?.getBoundingClientRect();
        const crew = lane.dataset.crew ?? "";
        const { from, until } = this.board;
        const inside = track && x >= track.left;
        const moment = inside ? from + ((x - track.left) / track.width) * (until - from) : Infinity;
        this.deeds.move(number, crew, inside ? placeAt(dayOf(this.jobs.values(), crew), moment, number) : null);
      },
    });
  }
}
