/**
 * A set of changes as the server keeps it: every stroke is one or more steps, done and undone
 * together. The server checks each step and says what is wrong; nothing is decided here.
 */
import { getJson, sendJson } from "@ui/fetch";
import type { Place } from "./measure";

export type Deed = "create" | "modify" | "move" | "split" | "join" | "retire";

export interface Step {
  deed: Deed;
  asset_code: string;
  wanted: Record<string, unknown>;
}

export interface Drawn {
  kind: string;
  lon: number | null;
  lat: number | null;
  line: Place[] | null;
  start: string | null;
  end: string | null;
  length_m: number | null;
  retired_at: string | null;
}

export interface ChangeSet {
  id: number;
  title: string;
  why: string;
  state: string;
  url: string;
  steps: { position: number; deed: Deed; asset_code: string; wanted: Record<string, unknown>; is_undone: boolean }[];
  problems: { position: number; code: string; asset: string; value: string; words: string }[];
  warnings: { position: number; code: string; asset: string; value: string; words: string }[];
  preview: { code: string; before: Drawn | null; after: Drawn | null }[];
  can_undo: boolean;
  can_redo: boolean;
}

/** Say which steps one undo takes back: those that were sent as one stroke. */
export class Strokes {
  private done: number[] = [];
  private undone: number[] = [];

  add(steps: number): void {
    this.done.push(steps);
    this.undone = [];
  }

  /** How many steps to take back; a set opened anew is taken back step by step. */
  undo(): number {
    const steps = this.done.pop() ?? 1;
    this.undone.push(steps);
    return steps;
  }

  redo(): number {
    const steps = this.undone.pop() ?? 1;
    this.done.push(steps);
    return steps;
  }
}

export class Draft {
  private readonly strokes = new Strokes();
  private busy: Promise<unknown> = Promise.resolve();
  now: ChangeSet | null = null;

  constructor(
    private readonly url: string,
    private readonly changed: (now: ChangeSet | null) => void,
  ) {}

  async open(id: number): Promise<void> {
    this.take(await getJson<ChangeSet>(`${this.url}${id}`));
  }

  async begin(title: string, why = ""): Promise<void> {
    this.take(await sendJson<ChangeSet>(this.url, { title, why }));
  }

  /** Send the steps of one stroke; a later stroke waits for an earlier one. */
  stroke(steps: readonly Step[]): Promise<void> {
    return this.queued(async () => {
      if (!this.now) return;
      for (const step of steps) this.now = await sendJson<ChangeSet>(`${this.url}${this.now.id}/steps`, step);
      this.strokes.add(steps.length);
      this.take(this.now);
    });
  }

  undo(): Promise<void> {
    return this.again("undo", () => this.now?.can_undo === true, () => this.strokes.undo());
  }

  redo(): Promise<void> {
    return this.again("redo", () => this.now?.can_redo === true, () => this.strokes.redo());
  }

  submit(): Promise<void> {
    return this.queued(async () => {
      if (this.now) this.take(await sendJson<ChangeSet>(`${this.url}${this.now.id}/submit`, {}));
    });
  }

  withdraw(): Promise<void> {
    return this.queued(async () => {
      if (this.now) await sendJson<ChangeSet>(`${this.url}${this.now.id}/withdraw`, {});
      this.take(null);
    });
  }

  /** A code for a new asset that neither the register nor this draft has. */
  async freeCode(kind: string, next: (code: string) => string, taken: ReadonlySet<string> = new Set()): Promise<string> {
    let code = await getJson<string>(`${this.url}free-code?kind=${kind}`);
    const here = new Set(this.now?.preview.map((one) => one.code));
    while (here.has(code) || taken.has(code)) code = next(code);
    return code;
  }

  private again(deed: "undo" | "redo", may: () => boolean, steps: () => number): Promise<void> {
    return this.queued(async () => {
      if (!this.now || !may()) return;
      for (let left = steps(); left > 0 && may(); left--) this.now = await sendJson<ChangeSet>(`${this.url}${this.now.id}/${deed}`, {});
      this.take(this.now);
    });
  }

  private queued(work: () => Promise<void>): Promise<void> {
    const next = this.busy.then(work, work);
    // The toast has told what went wrong; the next stroke must not fail for it.
    this.busy = next.catch(() => undefined);
    return next;
  }

  private take(now: ChangeSet | null): void {
    this.now = now;
    this.changed(now);
  }
}
