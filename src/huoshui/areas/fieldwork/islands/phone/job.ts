/** One job: the next thing to do is the largest button; everything else is one tap away. */
import { h } from "@ui/dom";
import { clock, moment } from "@ui/format";
import { t } from "@ui/i18n";
import type { App, Screen } from "./app";
import { entryList } from "./entrylist";
import { formFor, photoForm, signatureForm } from "./forms";
import { standingWords } from "./jobs";
import type { ShiftMap } from "./map";
import { openJob } from "./mapscreen";
import { standing, ticked } from "./state";
import type { Day, Job, Kind } from "./types";
import { icon } from "./widgets";

function nextDeed(app: App, day: Day, job: Job): HTMLElement | null {
  const where = standing(job, app.outbox.ofJob(job.number));
  const big = (name: string, words: string, sign: string, click: () => void) =>
    h("button", { type: "button", class: "btn btn-primary ph-next", "data-deed": name, click }, icon(app.props, sign), words);
  if (where === "new") return big("accept", t("Accept the job"), "check", () => void app.add("accept", job.number, {}));
  if (where === "accepted") return big("arrive", t("I have arrived"), "map-pin", () => void app.add("arrive", job.number, {}));
  if (where === "here") return big("finish", t("Finish the job"), "clipboard-check", () => formFor("finish")?.(app, day, job));
  return null;
}

/** Moments that are told by one tap; what was told shows when. */
function moments(app: App, job: Job): HTMLElement | null {
  const entries = app.outbox.ofJob(job.number).filter((one) => one.receipt?.outcome !== "refused");
  const where = standing(job, entries);
  if (where === "over" || where === "reported") return null;
  const repair = job.kind === "repair";
  const offered: [Kind, string][] = [["set_off", t("I set off")], ...(repair && !job.exchanges_meter ? ([["repaired", t("Repaired")]] as [Kind, string][]) : []), ...(repair ? ([["water_back", t("Water is back")]] as [Kind, string][]) : [])];
  const button = ([name, words]: [Kind, string]) => {
    const told = entries.find((one) => one.kind === name);
    const at = told && clock(told.receipt?.done_at ? Date.parse(told.receipt.done_at) : app.shownAt(told.at_ms));
    return h("button", { type: "button", class: "btn ph-moment", "data-deed": name, disabled: Boolean(told), click: () => void app.add(name, job.number, {}) }, told ? "✓ " : "", words, told ? h("small", {}, at ?? "") : null);
  };
  return h("div", { class: "ph-moments" }, ...offered.map(button));
}

function deeds(app: App, day: Day, job: Job): HTMLElement {
  const one = (name: Kind, words: string, sign: string, click?: () => void) =>
    h("button", { type: "button", class: "btn ph-deed", "data-deed": name, click: click ?? (() => formFor(name)?.(app, day, job)) }, icon(app.props, sign), h("span", {}, words));
  const meter = one("meter", t("Meter exchange"), "arrows-sort");
  if (job.exchanges_meter) meter.classList.add("btn-primary");
  return h("div", { class: "ph-deeds" },
    one("photo", t("Photo"), "camera", () => photoForm(app, day, job)),
    one("note", t("Note"), "message"),
    one("reading", t("A reading"), "gauge"),
    meter,
    one("material", t("Material used"), "package"),
    one("signature", t("Signature"), "edit", () => signatureForm(app, job)));
}

function steps(app: App, job: Job): HTMLElement | null {
  if (!job.steps.length) return null;
  const done = ticked(app.outbox.ofJob(job.number));
  return h("section", {},
    h("h2", {}, t("Steps"), h("small", {}, `${job.steps.filter((one) => done.has(one.code)).length}/${job.steps.length}`)),
    ...job.steps.map((one) =>
      h("button", {
        type: "button", class: "ph-step", role: "checkbox", "aria-checked": done.has(one.code) ? "true" : "false", "data-step": one.code,
        click: () => void app.add("step", job.number, { step: one.code, done: !done.has(one.code), label: one.label }),
      }, h("span", { class: "ph-tick", "aria-hidden": "true" }, done.has(one.code) ? "✓" : ""), h("span", {}, one.label))));
}

function facts(job: Job): HTMLElement {
  const fact = (name: string, value: string) => (value ? h("div", {}, h("dt", {}, name), h("dd", {}, value)) : null);
  return h("dl", { class: "ph-facts" },
    fact(t("Kind of work"), job.kind_label),
    fact(t("Where"), job.place),
    fact(t("To be done by"), moment(job.due_at)),
    fact(t("Details"), job.description),
    fact(t("To be taken along"), job.parts.join(", ")));
}

function history(job: Job): HTMLElement | null {
  if (!job.history.length) return null;
  return h("section", {}, h("h2", {}, t("History")), h("ul", { class: "ph-history" },
    ...job.history.map((one) => h("li", {}, h("strong", {}, one.label), one.note ? ` · ${one.note}` : "", h("div", { class: "ph-soft" }, [moment(one.at), one.by].filter(Boolean).join(" · "))))));
}

export function jobScreen(app: App, _day: Day, first: Job): Screen {
  const head = h("div", {});
  const foot = h("div", {});
  const mapBox = h("div", { class: "ph-smallmap" });
  let map: ShiftMap | null = null;
  let stopped = false;
  const refresh = () => {
    const day = app.day as Day;
    const job = day.jobs.find((one) => one.number === first.number) ?? first;
    const entries = app.outbox.ofJob(job.number);
    const where = standing(job, entries);
    head.replaceChildren(
      h("div", { class: "ph-jobhead" },
        h("a", { class: "ph-back", href: "#/jobs", "aria-label": t("My jobs") }, icon(app.props, "chevron-left")),
        h("div", {}, h("div", { class: "ph-soft" }, job.number), h("h1", {}, job.title))),
      h("div", { class: "ph-card-top" },
        h("span", { class: "ph-state", "data-standing": where }, job.gone ? t("No longer yours") : standingWords(where)),
        ["urgent", "high"].includes(job.priority) && h("span", { class: "ph-priority" }, job.priority_label)),
      job.gone ? h("p", { class: "ph-mark" }, t("This job has been given to somebody else or has ended. What you write down still stays with it.")) : "",
      nextDeed(app, day, job) ?? "",
      moments(app, job) ?? "",
      deeds(app, day, job),
      steps(app, job) ?? "",
      facts(job));
    foot.replaceChildren(
      entries.length ? h("section", {}, h("h2", {}, t("Written down here")), entryList(app, day, entries)) : "",
      history(job) ?? "");
    map?.show(app.spot);
  };
  refresh();
  if (first.lon !== null) {
    void import("./map").then(({ shiftMap }) => {
      if (stopped || !app.day) return;
      map = shiftMap(app.db, app.day, { near: first, plain: true, worker: app.props.map_worker_url, open: openJob });
      mapBox.append(map.el);
      map.show(app.spot);
    });
  }
  const stop = () => {
    stopped = true;
    map?.stop();
  };
  return { el: h("div", { class: "ph-page" }, head, first.lon === null ? null : mapBox, foot), refresh, stop };
}
