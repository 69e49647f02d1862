/** Where a job stands as its crew sees it: what the server said, and what was written down since. */
import type { Day, Entry, Job } from "./types";

export type Standing = "new" | "accepted" | "here" | "finished" | "reported" | "over";

/** The furthest that the crew has come. */
export function standing(job: Job, entries: readonly Entry[]): Standing {
  if (job.state === "closed" || job.state === "cancelled") return "over";
  if (job.state === "done") return "reported";
  const good = entries.filter((one) => one.receipt?.outcome !== "refused");
  const has = (kind: string) => good.some((one) => one.kind === kind);
  if (has("finish")) return "finished";
  if (has("arrive") || job.come === "arrived") return "here";
  return has("accept") || job.come === "accepted" ? "accepted" : "new";
}

/** The steps that are ticked: the last word on each counts. */
export function ticked(entries: readonly Entry[]): Set<string> {
  const done = new Set<string>();
  for (const entry of entries) {
    if (entry.kind !== "step" || entry.receipt?.outcome === "refused") continue;
    if (entry.body.done) done.add(String(entry.body.step));
    else done.delete(String(entry.body.step));
  }
  return done;
}

/** The new list of jobs, and those that left it although something of them is on this phone. */
export function joined(fresh: readonly Job[], before: readonly Job[], entries: readonly Entry[]): Job[] {
  const there = new Set(fresh.map((job) => job.number));
  const written = new Set(entries.map((one) => one.job));
  const gone = before.filter((job) => !there.has(job.number) && written.has(job.number));
  return [...fresh, ...gone.map((job) => ({ ...job, gone: true }))];
}

/** A day that an older version of the app kept, with what it did not know yet left empty. */
export function brought(kept: Partial<Day> | undefined): Day | null {
  if (!kept?.jobs || !kept.choices) return null;
  const choices = { ...kept.choices, causes: kept.choices.causes ?? [] };
  const jobs = kept.jobs.map((job) => ({ ...job, kit: job.kit ?? [], meters: job.meters ?? [] }));
  return { ...(kept as Day), vehicle: kept.vehicle ?? null, crew: kept.crew ?? "", shift_until: kept.shift_until ?? null, choices, jobs };
}
