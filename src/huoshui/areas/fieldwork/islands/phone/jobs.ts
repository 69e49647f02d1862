/** My jobs: what is to be done, the next first; what is done, below. */
import { h } from "@ui/dom";
import { clock, day as dayText } from "@ui/format";
import { t } from "@ui/i18n";
import type { App, Screen } from "./app";
import { standing, type Standing } from "./state";
import type { Day, Job } from "./types";

export function standingWords(where: Standing): string {
  return {
    new: t("To be accepted"),
    accepted: t("Accepted by me"),
    here: t("I am here"),
    finished: t("Finished, to be sent"),
    reported: t("Reported"),
    over: t("Over"),
  }[where];
}

/** Straight-line metres, good enough to say which job is near. */
export function metres(from: { lon: number; lat: number }, to: { lon: number; lat: number }): number {
  const rad = Math.PI / 180;
  const x = (to.lon - from.lon) * rad * Math.cos(((from.lat + to.lat) / 2) * rad);
  const y = (to.lat - from.lat) * rad;
  return Math.hypot(x, y) * 6_371_000;
}

function far(app: App, job: Job): string {
  if (!app.spot || job.lon === null || job.lat === null) return "";
  const distance = metres(app.spot, { lon: job.lon, lat: job.lat });
  return distance < 1000 ? t("{n} m away", { n: Math.round(distance / 10) * 10 }) : t("{n} km away", { n: (distance / 1000).toFixed(1) });
}

function untilWords(app: App, job: Job): string {
  const due = dayText(job.due_at) === app.dayWords() ? clock(job.due_at) : `${dayText(job.due_at)} ${clock(job.due_at)}`;
  return t("until {time}", { time: due });
}

function card(app: App, job: Job): HTMLElement {
  const where = standing(job, app.outbox.ofJob(job.number));
  const late = Date.parse(job.due_at) < app.shownNow() && !["finished", "reported", "over"].includes(where);
  const away = far(app, job);
  return h("a", { class: "ph-card", href: `#/job/${encodeURIComponent(job.number)}`, "data-job": job.number, "data-standing": where, "data-priority": job.priority },
    h("div", { class: "ph-card-top" },
      h("span", { class: "ph-state", "data-standing": where }, job.gone ? t("No longer yours") : standingWords(where)),
      ["urgent", "high"].includes(job.priority) && h("span", { class: "ph-priority" }, job.priority_label),
      h("span", { class: late ? "ph-late" : "ph-until" }, late ? t("overdue") : untilWords(app, job))),
    h("strong", {}, job.title),
    h("div", { class: "ph-soft" }, [late ? untilWords(app, job) : "", job.title.includes(job.place) ? "" : job.place, away].filter(Boolean).join(" · ")));
}

export function jobsScreen(app: App, _day: Day): Screen {
  const el = h("div", { class: "ph-page" });
  const refresh = () => {
    const day = app.day as Day;
    const over = (job: Job) => ["finished", "reported", "over"].includes(standing(job, app.outbox.ofJob(job.number))) || Boolean(job.gone);
    const open = day.jobs.filter((job) => !over(job));
    const done = day.jobs.filter(over);
    el.replaceChildren(
      h("h1", {}, t("My jobs"), h("small", {}, `${day.person} · ${app.dayWords()}`)),
      ...(open.length ? open.map((job) => card(app, job)) : [h("p", { class: "ph-empty" }, t("No job is waiting for you."))]),
      ...(done.length ? [h("h2", {}, t("Finished jobs")), ...done.map((job) => card(app, job))] : []),
      app.sharing.row() ?? "",
      h("p", { class: "ph-foot" }, app.room),
      h("p", { class: "ph-foot" }, h("a", { href: app.props.desk_url }, t("All pages of Huoshui"))),
    );
  };
  refresh();
  return { el, refresh };
}
