/** Which crews could do a job: the list beside it, and the same as a box to choose from by keyboard or finger. */
import { h } from "@ui/dom";
import { getJson } from "@ui/fetch";
import { t, tn } from "@ui/i18n";
import type { Job, Words } from "./board-model";

export interface Candidate {
  crew: string; name: string; arrive: string | null; drive_s: number | null; drive_m: number | null;
  waiting: number; faults: string[]; lacking: string[]; by_line: boolean;
}

export interface GiveDeeds {
  url: string; words: Words; mayPlan: boolean;
  moment(at: number): string;
  title(job: Job): string;
  give(number: string, crew: string): void;
}

export class Candidates {
  private asked: AbortController | undefined;

  constructor(private readonly deeds: GiveDeeds) {}

  stop(): void {
    this.asked?.abort();
  }

  /** Ask which crews could do the job and put them in a place, the able one that is there first at the top. */
  async fill(job: Job, place: HTMLElement, given: () => void = () => undefined): Promise<void> {
    this.asked?.abort();
    const asked = this.asked = new AbortController();
    let found: Candidate[];
    try {
      found = await getJson<Candidate[]>(this.deeds.url.replace("NUMBER", job.number), { signal: asked.signal, quiet: true });
    } catch {
      if (!asked.signal.aborted) place.replaceChildren(h("p", { class: "hs-nothing" }, t("The crews could not be asked. Choose the job again.")));
      return;
    }
    const able = found.filter((one) => !one.faults.length).length;
    const title = able ? t("Crews, nearest able first") : t("No crew is able; here is what each lacks");
    place.replaceChildren(h("h3", { class: "fw-crews-title" }, title), ...found.map((one, at) => this.line(job, one, at === 0 && !one.faults.length, given)));
  }

  private line(job: Job, one: Candidate, isBest: boolean, given: () => void): HTMLElement {
    const { words, moment } = this.deeds;
    const lacking = one.lacking.map((code) => words.skills[code] ?? words.parts[code] ?? code).join(", ");
    const faults = one.faults.map((code) => words.rules[code] ?? code).join(", ");
    const against = faults + (lacking ? ` (${lacking})` : "");
    const way = one.arrive === null ? "" : t("there at {when}, {minutes} min and {km} km", {
      when: moment(Date.parse(one.arrive)), minutes: Math.round((one.drive_s ?? 0) / 60), km: ((one.drive_m ?? 0) / 1000).toFixed(1),
    });
    const guessed = one.by_line && one.arrive !== null ? t("by straight line") : "";
    const waiting = one.waiting ? tn("{n} job waits", "{n} jobs wait", one.waiting) : t("nothing else waits");
    const line = h("div", { class: `fw-candidate${one.faults.length ? " fw-unable" : ""}` },
      h("div", {}, h("strong", {}, one.name), h("small", {}, [way, guessed, waiting].filter(Boolean).join(" · ")), one.faults.length > 0 && h("small", { class: "text-danger" }, against)));
    if (this.deeds.mayPlan && one.crew !== job.crew)
      line.append(h("button", { class: `btn btn-sm${isBest ? " btn-primary" : ""}`, type: "button", "data-crew": one.crew, "aria-label": t("Give to {crew}", { crew: one.name }), click: () => { given(); this.deeds.give(job.number, one.crew); } }, t("Give it")));
    else if (one.crew === job.crew) line.append(h("small", { class: "text-secondary" }, t("has it")));
    return line;
  }
}

/** The box "give to…". Arrow keys go through the crews, Escape closes it. */
export class GiveBox {
  private readonly list = h("div", { class: "fw-crews" });
  private readonly title = h("h2", { class: "hs-card-title" });
  private readonly el: HTMLDialogElement;
  private readonly candidates: Candidates;

  constructor(deeds: GiveDeeds) {
    this.candidates = new Candidates(deeds);
    const close = h("button", { class: "btn", type: "button", click: () => this.el.close() }, t("Cancel"));
    this.el = h("dialog", { class: "fw-give-box", "aria-label": t("Give to…") }, this.title, this.list, h("div", { class: "fw-buttons" }, close));
    this.el.addEventListener("keydown", (event) => this.key(event));
    this.el.addEventListener("click", (event) => { if (event.target === this.el) this.el.close(); });
    document.body.append(this.el);
    this.words = (job) => deeds.title(job);
  }

  private readonly words: (job: Job) => string;

  remove(): void {
    this.candidates.stop();
    this.el.remove();
  }

  open(job: Job): void {
    this.title.textContent = `${job.number} · ${this.words(job)}`;
    this.list.replaceChildren(h("p", { class: "hs-nothing" }, t("Looking for crews…")));
    if (!this.el.open) this.el.showModal();
    void this.candidates.fill(job, this.list, () => this.el.close()).then(() => this.buttons()[0]?.focus());
  }

  private buttons(): HTMLButtonElement[] {
    return [...this.list.querySelectorAll<HTMLButtonElement>("button[data-crew]")];
  }

  private key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const buttons = this.buttons();
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[Math.min(Math.max(at + step, 0), buttons.length - 1)]?.focus();
    event.preventDefault();
  }
}
