/** The time line of the board: a row for each crew, its jobs as blocks that can be dragged. */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";
import { type Board, type Crew, type Job, clockText, dayOf, placeAt, share } from "./board-model";

export interface Deeds {
  title(job: Job): string;
  choose(number: string): void;
  move(number: string, crew: string, place: number | null): void;
  faults(job: Job): string;
  skills(crew: Crew): string;
}

const HOUR = 3600_000;
const DRAG_PX = 6;

export class Lanes {
  readonly el = h("div", { class: "fw-lanes", role: "group", "aria-label": t("Time line of the crews") });
  private board: Board | undefined;
  private crews: Crew[] = [];
  private jobs: Map<string, Job> = new Map();

  constructor(private readonly zone: string, private readonly mayPlan: boolean, private readonly deeds: Deeds) {}

  draw(board: Board, jobs: Map<string, Job>, chosen: string): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset.job;
    [this.board, this.jobs] = [board, jobs];
    // Who is at work comes first; the rest is there to be seen, not to be given anything by accident.
    this.crews = [...board.crews].sort((a, b) => Number(!a.shift) - Number(!b.shift) || a.code.localeCompare(b.code));
    const [from, until] = [Date.parse(board.from), Date.parse(board.until)];
    const ruler = h("div", { class: "fw-ruler" });
    for (let at = from; at < until; at += HOUR) {
      const mark = h("span", {}, clockText(at, this.zone));
      mark.style.left = `${share(at, from, until) * 100}%`;
      ruler.append(mark);
    }
    const byCrew = new Map<string, Job[]>();
    for (const job of jobs.values()) if (job.crew) byCrew.set(job.crew, [...(byCrew.get(job.crew) ?? []), job]);
    this.el.replaceChildren(
      h("div", { class: "fw-lane fw-lane-head" }, h("div", { class: "fw-lane-name" }, t("Crew")), ruler),
      ...this.crews.map((crew) => this.lane(crew, byCrew.get(crew.code) ?? [], from, until, chosen)),
    );
    if (focused) this.el.querySelector<HTMLElement>(`[data-job="${CSS.escape(focused)}"]`)?.focus();
  }

  private lane(crew: Crew, jobs: Job[], from: number, until: number, chosen: string): HTMLElement {
    const track = h("div", { class: "fw-track" });
    if (crew.shift) {
      const shift = h("div", { class: "fw-shift" });
      const begin = Math.max(0, share(crew.shift[0], from, until));
      const end = Math.min(1, share(crew.shift[1], from, until));
      shift.style.left = `${begin * 100}%`;
      shift.style.width = `${Math.max(0, end - begin) * 100}%`;
      track.append(shift);
    }
    for (const job of dayOf(jobs, crew.code)) {
      const block = this.block(job, from, until, chosen);
      if (block) track.append(block);
    }
    const now = h("div", { class: "fw-now" });
    now.style.left = `${share(this.board?.at ?? from, from, until) * 100}%`;
    track.append(now);
    const lane = h("div", { class: `fw-lane${crew.shift ? "" : " fw-lane-off"}`, "data-crew": crew.code },
      h("div", { class: "fw-lane-name", title: `${crew.people.join(", ")}\n${this.deeds.skills(crew)}` },
        h("strong", {}, crew.name), h("small", {}, crew.shift ? this.deeds.skills(crew) : t("not at work"))),
      track);
    return lane;
  }

  private block(job: Job, from: number, until: number, chosen: string): HTMLElement | null {
    if (!job.begin) return null;
    const begin = share(job.begin, from, until);
    const end = begin + (job.minutes * 60_000) / (until - from);
    if (end < 0 || begin > 1) return null;
    const faults = this.deeds.faults(job);
    const title = this.deeds.title(job);
    const css = ["fw-block", `fw-${job.priority}`];
    if (job.begun) css.push("fw-begun");
    if (faults) css.push("fw-broken");
    if (job.number === chosen) css.push("fw-chosen");
    const words = [clockText(job.begin, this.zone), job.number, title, faults].filter(Boolean).join(" · ");
    const block = h("button", { type: "button", class: css.join(" "), "data-job": job.number, title: words, "aria-label": words }, title);
    block.style.left = `${Math.max(0, begin) * 100}%`;
    block.style.width = `${(Math.min(1, end) - Math.max(0, begin)) * 100}%`;
    block.addEventListener("click", () => this.deeds.choose(job.number));
    if (this.mayPlan && !job.begun) {
      block.addEventListener("keydown", (event) => this.key(event, job));
      this.draggable(block, job.number);
    }
    return block;
  }

  /** Alt with the arrows: up and down to another crew, left and right in the order; Delete takes back. */
  private key(event: KeyboardEvent, job: Job): void {
    const day = dayOf(this.jobs.values(), job.crew);
    const at = day.findIndex((one) => one.number === job.number);
    const atWork = this.crews.filter((one) => one.shift || one.code === job.crew);
    const lane = atWork.findIndex((one) => one.code === job.crew);
    if (event.key === "Delete") this.deeds.move(job.number, "", null);
    else if (!event.altKey) return;
    else if (event.key === "ArrowLeft" && at > 0) this.deeds.move(job.number, job.crew, at - 1);
    else if (event.key === "ArrowRight" && at < day.length - 1) this.deeds.move(job.number, job.crew, at + 1);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const next = atWork[lane + (event.key === "ArrowUp" ? -1 : 1)];
      if (next) this.deeds.move(job.number, next.code, placeAt(dayOf(this.jobs.values(), next.code), Date.parse(job.begin ?? ""), job.number));
    } else return;
    event.preventDefault();
  }

  /** Let an element be dragged onto a crew; where it is dropped says at which place of its order. */
  draggable(el: HTMLElement, number: string): void {
    el.addEventListener("pointerdown", (down) => {
      if (down.button !== 0 || down.pointerType === "touch") return;
      let ghost: HTMLElement | undefined;
      const to = (event: PointerEvent) => document.elementsFromPoint(event.clientX, event.clientY)
        .map((one) => (one as HTMLElement).closest<HTMLElement>(".fw-lane[data-crew]")).find((one) => one !== null);
      const drag = (event: PointerEvent) => {
        if (!ghost && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < DRAG_PX) return;
        ghost ??= document.body.appendChild(h("div", { class: "fw-ghost" }, el.dataset.said ?? el.textContent ?? ""));
        ghost.style.left = `${event.clientX + 10}px`;
        ghost.style.top = `${event.clientY + 10}px`;
        this.el.querySelectorAll(".fw-over").forEach((one) => one.classList.remove("fw-over"));
        to(event)?.classList.add("fw-over");
        event.preventDefault();
      };
      const drop = (event: PointerEvent) => {
        stop();
        const lane = ghost && to(event);
        ghost?.remove();
        if (!lane || !this.board) return;
        // The click that ends a drag must not choose the job as well.
        el.addEventListener("click", (click) => click.stopImmediatePropagation(), { once: true, capture: true });
        const track = lane.querySelector(".fw-track")?.getBoundingClientRect();
        const crew = lane.dataset.crew ?? "";
        const [from, until] = [Date.parse(this.board.from), Date.parse(this.board.until)];
        const inside = track && event.clientX >= track.left;
        const moment = inside ? from + ((event.clientX - track.left) / track.width) * (until - from) : Infinity;
        this.deeds.move(number, crew, inside ? placeAt(dayOf(this.jobs.values(), crew), moment, number) : null);
      };
      const stop = () => {
        window.removeEventListener("pointermove", drag);
        window.removeEventListener("pointerup", drop);
        window.removeEventListener("pointercancel", cancel);
        this.el.querySelectorAll(".fw-over").forEach((one) => one.classList.remove("fw-over"));
      };
      const cancel = () => { stop(); ghost?.remove(); };
      window.addEventListener("pointermove", drag);
      window.addEventListener("pointerup", drop);
      window.addEventListener("pointercancel", cancel);
    });
  }
}
