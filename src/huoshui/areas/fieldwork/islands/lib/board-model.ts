/** What the board knows, and what follows from it: pure, so that it is tested without a browser. */
import { t } from "@ui/i18n";

export interface Job {
  number: string; title: string; kind: string; type: string; asset: string; zone: string;
  state: string; priority: string; lon: number | null; lat: number | null;
  crew: string; order: number; begin: string | null; drive_s: number; minutes: number;
  due: string; from: string | null; until: string | null;
  begun: boolean; under_way: boolean; reason: string; broken: string[];
}

export interface Crew {
  code: string; name: string; skills: string[]; people: string[]; shift: [string, string] | null;
  lon: number | null; lat: number | null; placed: string | null; vehicle: string;
}

export interface Plan {
  id: number; state: string; placed: number; left: number;
  drive_s: number | null; nearest_drive_s: number | null; nearest_placed: number | null; took_s: number | null;
}

export interface Board { at: string; from: string; until: string; cursor: number; crews: Crew[]; jobs: Job[]; plan: Plan | null }

export interface Words {
  states: Record<string, string>; kinds: Record<string, string>; priorities: Record<string, string>;
  reasons: Record<string, string>; rules: Record<string, string>; types: Record<string, string>;
  skills: Record<string, string>; parts: Record<string, string>;
}

export type Show = "waiting" | "late" | "given" | "all";

const RANK: Record<string, number> = { urgent: 0, high: 1, normal: 2, low: 3 };
const SHOWN_STATES = new Set(["requested", "assigned"]);

/** Title that somebody wrote, else the type or kind of work and the place. */
export function titleOf(job: Job, words: Words, zones: Record<string, string>): string {
  if (job.title) return job.title;
  const place = job.asset || zones[job.zone] || job.zone;
  const work = words.types[job.type] || words.kinds[job.kind] || job.kind;
  return place ? t("{work}: {place}", { work, place }) : work;
}

export function isLate(job: Job, now: number): boolean {
  return SHOWN_STATES.has(job.state) && Date.parse(job.due) < now;
}

/** The jobs to list: those that fit, the pressing ones and those due first at the top. */
export function listed(jobs: Iterable<Job>, show: Show, text: string, now: number, said: (job: Job) => string): Job[] {
  const wanted = text.trim().toLowerCase();
  const found = [...jobs].filter((job) => {
    if (show === "waiting" && job.crew) return false;
    if (show === "given" && !job.crew) return false;
    if (show === "late" && !isLate(job, now)) return false;
    return !wanted || `${job.number} ${said(job)} ${job.crew}`.toLowerCase().includes(wanted);
  });
  return found.sort((a, b) =>
    (RANK[a.priority] ?? 9) - (RANK[b.priority] ?? 9) || a.due.localeCompare(b.due) || a.number.localeCompare(b.number));
}

/** The jobs of a crew in their order. */
export function dayOf(jobs: Iterable<Job>, crew: string): Job[] {
  return [...jobs].filter((job) => job.crew === crew).sort((a, b) => a.order - b.order || (a.begin ?? "").localeCompare(b.begin ?? ""));
}

/** Where a moment lies on the time line, 0 to 1; outside of it too. */
export function share(moment: string | number, from: number, until: number): number {
  const at = typeof moment === "number" ? moment : Date.parse(moment);
  return (at - from) / (until - from);
}

/** At which place of a crew's order a job belongs that is dropped at a moment. */
export function placeAt(day: readonly Job[], moment: number, dragged: string): number {
  return day.filter((job) => job.number !== dragged && job.begin !== null && Date.parse(job.begin) < moment).length;
}

/** Take changed rows over; what is neither waiting nor with a crew any more leaves the board. */
export function merge(jobs: Map<string, Job>, rows: readonly Job[]): { moved: boolean } {
  let moved = false;
  for (const row of rows) {
    const before = jobs.get(row.number);
    if (before?.crew && before.crew !== row.crew) moved = true;
    if (SHOWN_STATES.has(row.state)) jobs.set(row.number, row);
    else jobs.delete(row.number);
  }
  return { moved };
}

/** Hours and minutes on the wall of the city. */
export function clockText(moment: string | number, zone: string): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(new Date(moment));
}
