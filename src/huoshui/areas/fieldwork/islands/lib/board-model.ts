/** What the board knows, and what follows from it: pure, so that it is tested without a browser. */
import { t } from "@ui/i18n";

/** One job; moments in milliseconds since 1970. */
export interface Job {
  number: string; title: string; kind: string; type: string; asset: string; zone: string;
  state: string; priority: string; lon: number | null; lat: number | null;
  crew: string; order: number; begin: number | null; drive_s: number; minutes: number;
  due: number; from: number | null; until: number | null;
  begun: boolean; under_way: boolean; reason: string; broken: string[];
}

export interface Crew {
  code: string; name: string; skills: string[]; people: string[]; shift: [number, number] | null;
  lon: number | null; lat: number | null; placed: number | null; vehicle: string;
}

export interface Plan {
  id: number; state: string; placed: number; left: number; travel: string; legs_by_line: number | null;
  drive_s: number | null; nearest_drive_s: number | null; nearest_placed: number | null; took_s: number | null;
}

/** Why a job has no crew: which came nearest (none: nobody is at work), what speaks against it, and when that was found, in seconds. */
export interface Wait { crew: string; faults: string[]; lacking: string[]; since: number; at: number }

/** What the server sends: jobs as lists in the order of `columns`, moments in seconds. */
export interface Sent {
  at: number; from: number; until: number; cursor: number; after: number | null;
  columns: string[]; jobs: unknown[][]; waits: Record<string, Wait>; crews: Crew[]; plan: Plan | null;
}

export interface Board { at: number; from: number; until: number; cursor: number; waits: Record<string, Wait>; crews: Crew[]; plan: Plan | null }

export interface Words {
  states: Record<string, string>; kinds: Record<string, string>; priorities: Record<string, string>;
  reasons: Record<string, string>; rules: Record<string, string>; types: Record<string, string>;
  skills: Record<string, string>; parts: Record<string, string>; nobody: Record<string, string>;
}

export type Show = "waiting" | "late" | "given" | "all";

const RANK: Record<string, number> = { urgent: 0, high: 1, normal: 2, low: 3 };
const SHOWN_STATES = new Set(["requested", "assigned"]);
const MOMENTS = new Set(["begin", "due", "from", "until"]);

/** Return a reader of packed jobs. */
export function unpacker(columns: readonly string[]): (row: readonly unknown[]) => Job {
  const moments = columns.map((name) => MOMENTS.has(name));
  return (row) => {
    const job: Record<string, unknown> = {};
    columns.forEach((name, at) => {
      const value = row[at];
      job[name] = moments[at] && typeof value === "number" ? value * 1000 : value;
    });
    return job as unknown as Job;
  };
}

/** A crew as it was sent, its moments in milliseconds. */
export function crewOf(sent: Crew): Crew {
  return { ...sent, shift: sent.shift && [sent.shift[0] * 1000, sent.shift[1] * 1000], placed: sent.placed && sent.placed * 1000 };
}

export function boardOf(sent: Sent): Board {
  return { at: sent.at * 1000, from: sent.from * 1000, until: sent.until * 1000, cursor: sent.cursor, waits: sent.waits, crews: sent.crews.map(crewOf), plan: sent.plan };
}

/** Title that somebody wrote, or the type or kind of work; and the place, where the title does not say it. */
export function partsOf(job: Job, words: Words, zones: Record<string, string>): [string, string] {
  if (job.title) return [job.title, ""];
  return [words.types[job.type] || words.kinds[job.kind] || job.kind, job.asset || zones[job.zone] || job.zone];
}

/** Title that somebody wrote, else the type or kind of work and the place. */
export function titleOf(job: Job, words: Words, zones: Record<string, string>): string {
  const [work, place] = partsOf(job, words, zones);
  return place ? t("{work}: {place}", { work, place }) : work;
}

/** The title without the number of its case in front: a narrow bar says first what is to be done. */
export function shortTitle(title: string): string {
  return title.replace(/^[A-Z]+\d{4}-\d{3,} (?=\S)/, "");
}

export function isLate(job: Job, now: number): boolean {
  return SHOWN_STATES.has(job.state) && job.due < now;
}

/** The jobs to list: those that fit, the pressing ones and those due first at the top. */
export function listed(jobs: Iterable<Job>, show: Show, text: string, now: number, said: (job: Job) => string): Job[] {
  const wanted = text.trim().toLowerCase();
  const found: Job[] = [];
  for (const job of jobs) {
    if (show === "waiting" && job.crew) continue;
    if (show === "given" && !job.crew) continue;
    if (show === "late" && !isLate(job, now)) continue;
    if (wanted && !`${job.number} ${said(job)} ${job.crew}`.toLowerCase().includes(wanted)) continue;
    found.push(job);
  }
  // Plain comparison: numbers of jobs are letters and figures, and a locale's order takes ten times as long.
  return found.sort((a, b) => (RANK[a.priority] ?? 9) - (RANK[b.priority] ?? 9) || a.due - b.due || (a.number < b.number ? -1 : 1));
}

/** The jobs of a crew in their order. */
export function dayOf(jobs: Iterable<Job>, crew: string): Job[] {
  return [...jobs].filter((job) => job.crew === crew).sort((a, b) => a.order - b.order || (a.begin ?? 0) - (b.begin ?? 0));
}

/** Where a moment lies on the time line, 0 to 1; outside of it too. */
export function share(moment: number, from: number, until: number): number {
  return (moment - from) / (until - from);
}

/** At which place of a crew's order a job belongs that is dropped at a moment. */
export function placeAt(day: readonly Job[], moment: number, dragged: string): number {
  return day.filter((job) => job.number !== dragged && job.begin !== null && job.begin < moment).length;
}

/** Take changed rows over; what is neither waiting nor with a crew any more leaves the board. Returns whose day changed. */
export function merge(jobs: Map<string, Job>, rows: readonly Job[]): Set<string> {
  const touched = new Set<string>();
  for (const row of rows) {
    const before = jobs.get(row.number);
    if (before?.crew) touched.add(before.crew);
    if (row.crew) touched.add(row.crew);
    if (SHOWN_STATES.has(row.state)) jobs.set(row.number, row);
    else jobs.delete(row.number);
  }
  return touched;
}

/** Whose reason to wait is another now, or came or went. */
export function otherWaits(before: Record<string, Wait>, after: Record<string, Wait>): string[] {
  const said = (wait: Wait | undefined) => wait && [wait.crew, ...wait.faults, "", ...wait.lacking].join("|");
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((number) => said(before[number]) !== said(after[number]));
}

/** Why a job waits, in the reader's words: of the crew that comes nearest, or that there is none. In short without its name. */
export function whyWaiting(wait: Wait, words: Words, short = false): string {
  const first = wait.faults[0] ?? "";
  if (!wait.crew) return words.nobody[first] ?? first;
  if (!first) return t("{crew} could take it; not given yet", { crew: wait.crew });
  const lacking = wait.lacking.map((code) => words.skills[code] ?? words.parts[code] ?? code).join(", ");
  const faults = wait.faults.map((code) => words.rules[code] ?? code).join(", ");
  const why = lacking ? `${faults} (${lacking})` : faults;
  return short ? why : t("Nearest is {crew}: {why}", { crew: wait.crew, why });
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Hours and minutes on the wall of the city. */
export function clockText(moment: string | number, zone: string): string {
  let clock = clocks.get(zone);
  if (!clock) clocks.set(zone, clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }));
  return clock.format(new Date(moment));
}
