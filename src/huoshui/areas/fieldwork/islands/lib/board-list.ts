/** The list of the board: thousands of jobs, of which only what is seen is in the page. */
import { h } from "@ui/dom";
import { t, tn } from "@ui/i18n";
import { HELD } from "./board-drag";
import { type Job, type Show, isLate, listed } from "./board-model";

export interface ListDeeds {
  title(job: Job): string;
  parts(job: Job): [string, string];
  choose(number: string): void;
  card(job: Job): { badge: string; tone: string; line: string; more: string };
  give?(number: string): void;
  draggable?(el: HTMLElement, number: string): void;
}

const ROW_PX = 58;
const SPARE = 6;

export class JobList {
  readonly el: HTMLElement;
  private readonly rows = h("div", { class: "fw-rows" });
  private readonly scroll = h("div", { class: "fw-scroll", tabindex: "0", role: "listbox", "aria-label": t("Open jobs") });
  private readonly said = h("small", { class: "text-secondary", role: "status" });
  private readonly find = h("input", { class: "form-control", type: "search", placeholder: t("Number, words, crew"), "aria-label": t("Search jobs") });
  private readonly show = h("select", { class: "form-select", "aria-label": t("Which jobs") });
  private readonly drawn = new Map<string, { job: Job; at: number; el: HTMLElement }>();
  private jobs: Map<string, Job> = new Map();
  private found: Job[] = [];
  private chosen = "";
  private now = 0;

  constructor(private readonly deeds: ListDeeds) {
    const choices: [Show, string][] = [["waiting", t("Waiting for a crew")], ["late", t("Late")], ["given", t("With a crew")], ["all", t("All open jobs")]];
    for (const [value, label] of choices) this.show.append(h("option", { value }, label));
    this.scroll.append(this.rows);
    this.el = h("section", { class: "card fw-list" }, h("div", { class: "fw-find" }, this.show, this.find), this.said, this.scroll);
    this.find.addEventListener("input", () => this.narrow());
    this.show.addEventListener("change", () => this.narrow());
    this.scroll.addEventListener("scroll", () => this.window());
    this.scroll.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.window()).observe(this.scroll);
  }

  set(jobs: Map<string, Job>, chosen: string, now: number): void {
    [this.jobs, this.chosen, this.now] = [jobs, chosen, now];
    this.narrow();
  }

  /** Mark another job as the chosen one; nothing else has changed. */
  choose(number: string): void {
    for (const one of [this.chosen, number]) this.drawn.get(one)?.el.classList.toggle("fw-chosen", one === number);
    this.drawn.get(this.chosen)?.el.setAttribute("aria-selected", "false");
    this.drawn.get(number)?.el.setAttribute("aria-selected", "true");
    this.chosen = number;
  }

  /** Have the cards of some jobs drawn anew: what they say has changed, the jobs have not. */
  renew(numbers: Iterable<string>): void {
    for (const number of numbers) {
      const one = this.drawn.get(number);
      if (!one || one.el.classList.contains(HELD)) continue;
      one.el.remove();
      this.drawn.delete(number);
    }
  }

  private narrow(): void {
    this.found = listed(this.jobs.values(), this.show.value as Show, this.find.value, this.now, (job) => this.deeds.title(job));
    this.rows.style.height = `${this.found.length * ROW_PX}px`;
    this.said.textContent = this.found.length ? tn("{n} job", "{n} jobs", this.found.length) : t("No job fits.");
    this.window();
  }

  /** Draw what is seen; cards of jobs that did not change stay as they are. */
  private window(): void {
    const first = Math.max(0, Math.floor(this.scroll.scrollTop / ROW_PX) - SPARE);
    const last = first + Math.ceil((this.scroll.clientHeight || 600) / ROW_PX) + 2 * SPARE;
    const seen = this.found.slice(first, last);
    const wanted = new Set(seen.map((job) => job.number));
    for (const [number, one] of this.drawn) {
      if (wanted.has(number) || one.el.classList.contains(HELD)) continue;
      one.el.remove();
      this.drawn.delete(number);
    }
    // In the page they stand as they are seen, for those who hear the list read.
    const cards = seen.map((job, offset) => this.drawnAs(job, first + offset));
    let next = this.rows.firstElementChild;
    cards.forEach((card) => {
      if (card === next) next = next.nextElementSibling;
      else this.rows.insertBefore(card, next);
    });
  }

  /** The card of a job at its place: the one that is there, or a new one where the job changed and nobody holds it. */
  private drawnAs(job: Job, at: number): HTMLElement {
    const before = this.drawn.get(job.number);
    if (before && (before.job === job || before.el.classList.contains(HELD))) {
      if (before.at !== at) this.place(before.el, at);
      before.at = at;
      return before.el;
    }
    before?.el.remove();
    const el = this.card(job, at);
    this.drawn.set(job.number, { job, at, el });
    return el;
  }

  private place(el: HTMLElement, at: number): void {
    el.style.top = `${at * ROW_PX}px`;
    el.setAttribute("aria-posinset", String(at + 1));
    el.setAttribute("aria-setsize", String(this.found.length));
  }

  private card(job: Job, at: number): HTMLElement {
    const { badge, tone, line, more } = this.deeds.card(job);
    const title = this.deeds.title(job);
    const [work, place] = this.deeds.parts(job);
    const css = ["fw-card", isLate(job, this.now) && "fw-late", job.number === this.chosen && "fw-chosen"].filter(Boolean).join(" ");
    const card = h("div", { class: css, role: "option", id: `fw-${job.number}`, "aria-selected": String(job.number === this.chosen), "data-number": job.number, "data-said": title },
      h("strong", { title }, h("span", {}, work), place && h("span", { class: "fw-place" }, place)), h("small", more ? { title: more } : {}, h("span", { class: `badge hs-badge bg-${tone}-lt` }, badge), " ", line));
    this.place(card, at);
    card.addEventListener("click", () => this.deeds.choose(job.number));
    if (this.deeds.give && !job.begun) {
      card.classList.add("fw-movable");
      // The keyboard has Enter for it: inside a list of choices nothing else may take the focus.
      const give = h("span", { class: "fw-give", "aria-hidden": "true", title: t("Give to…") }, "⋯");
      give.addEventListener("click", (event) => { event.stopPropagation(); this.deeds.give?.(job.number); });
      give.addEventListener("pointerdown", (event) => event.stopPropagation());
      card.append(h("span", { class: "fw-grip", "data-grip": "", "aria-hidden": "true", title: t("Drag onto a crew") }, "⠿"), give);
      this.deeds.draggable?.(card, job.number);
    }
    return card;
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Enter" && this.chosen) {
      event.preventDefault();
      this.deeds.give?.(this.chosen);
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (!step || !this.found.length) return;
    const at = this.found.findIndex((one) => one.number === this.chosen);
    const next = this.found[Math.min(Math.max(at + step, 0), this.found.length - 1)];
    if (!next) return;
    event.preventDefault();
    this.deeds.choose(next.number);
    this.reveal(next.number);
    this.scroll.setAttribute("aria-activedescendant", `fw-${next.number}`);
  }

  private reveal(number: string): void {
    const top = this.found.findIndex((one) => one.number === number) * ROW_PX;
    if (top < this.scroll.scrollTop) this.scroll.scrollTop = top;
    else if (top + ROW_PX > this.scroll.scrollTop + this.scroll.clientHeight) this.scroll.scrollTop = top + ROW_PX - this.scroll.clientHeight;
  }
}
