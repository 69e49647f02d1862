/** Rounds to plants on the phone: what is to be looked at, and the answers of each asset. */
import { h } from "@ui/dom";
import { number } from "@ui/format";
import { t } from "@ui/i18n";
import { language } from "@ui/page";
import type { App, Screen } from "./app";
import { entryList } from "./entrylist";
import { sha256 } from "./hashing";
import { metres } from "./jobs";
import { pictureOf } from "./picture";
import type { CheckAsset, CheckItem, CheckList, CheckRound, ChecksGiven } from "./walkbase";
import type { Day, Entry } from "./types";
import { field, input, numberInput, sheet } from "./widgets";

export type Answer = boolean | number | string | null;

/** Whether a number lies out of its limits; the limit itself is in order. */
export function isOut(item: CheckItem, value: Answer): boolean {
  if (item.kind === "ok") return value === false;
  if (item.kind !== "number" || typeof value !== "number") return false;
  return (item.low !== null && value < item.low) || (item.high !== null && value > item.high);
}

/** The items that need an answer and have none. */
export function unanswered(items: readonly CheckItem[], answers: ReadonlyMap<string, Answer>): CheckItem[] {
  return items.filter((one) => one.is_needed && (answers.get(one.code) ?? "") === "");
}

/** Which assets of a round were looked at: by the server's word, and on this phone since it was asked. */
export function lookedAt(round: CheckRound, entries: readonly Entry[], since_ms: number): Set<string> {
  const done = new Set(round.assets.filter((one) => one.is_done).map((one) => one.code));
  for (const entry of entries) {
    const mine = entry.kind === "check" && entry.body.round === round.code && entry.receipt?.outcome !== "refused";
    if (mine && (entry.at_ms >= since_ms || !entry.receipt)) done.add(String(entry.body.asset_code));
  }
  return done;
}

function doneOf(app: App, given: ChecksGiven, round: CheckRound): Set<string> {
  return lookedAt(round, app.outbox.entries, given.fetched_ms);
}

function card(app: App, given: ChecksGiven, round: CheckRound): HTMLElement {
  const done = doneOf(app, given, round).size;
  const whole = done >= round.assets.length;
  return h("a", { class: "ph-card", href: `#/check/${encodeURIComponent(round.code)}`, "data-check-round": round.code },
    h("div", { class: "ph-card-top" },
      h("span", { class: "ph-state", "data-standing": whole ? "finished" : done ? "here" : "new" }, whole ? t("All checked") : round.standing_label || round.code),
      h("span", { class: "ph-until" }, round.until ? t("until {time}", { time: round.until }) : "")),
    h("strong", {}, round.name),
    h("div", { class: "ph-soft" }, [round.code, t("{done} of {all} checked", { done, all: round.assets.length })].join(" · ")));
}

/** The rounds to plants below those along pipes; nothing where there are none. */
export function checkCards(app: App): HTMLElement[] {
  const given = app.walker.checks;
  return given?.rounds.length ? [h("h2", {}, t("Equipment rounds")), ...given.rounds.map((one) => card(app, given, one))] : [];
}

export function checkScreen(app: App, day: Day, code: string): Screen {
  const el = h("div", { class: "ph-page" });
  const refresh = () => {
    const given = app.walker.checks;
    const round = given?.rounds.find((one) => one.code === code);
    if (!given || !round) {
      el.replaceChildren(h("p", { class: "ph-empty" }, t("This round is not among those to be made.")));
      return;
    }
    const done = doneOf(app, given, round);
    const away = (one: CheckAsset) => (app.spot && one.lon !== null && one.lat !== null ? metres(app.spot, { lon: one.lon, lat: one.lat }) : null);
    const row = (one: CheckAsset) => {
      const list = given.lists.find((other) => other.code === one.list);
      const far = away(one);
      const soft = [list?.label ?? t("No check list is for it: tell your leader"), far === null ? "" : far < 1000 ? t("{n} m away", { n: Math.round(far / 10) * 10 }) : t("{n} km away", { n: (far / 1000).toFixed(1) })];
      return h("button", { type: "button", class: "ph-step", role: "checkbox", "aria-checked": String(done.has(one.code)), "data-asset": one.code, disabled: !list, click: () => list && answerForm(app, round, one, list) },
        h("span", { class: "ph-tick" }, done.has(one.code) ? "✓" : ""),
        h("span", {}, one.label, h("small", { class: "ph-soft" }, ` ${soft.filter(Boolean).join(" · ")}`),
          one.latest?.wrong ? h("div", { class: "ph-wrong" }, t("Last time: {what}", { what: one.latest.wrong })) : ""));
    };
    const entries = app.outbox.entries.filter((one) => one.kind === "check" && one.body.round === code);
    el.replaceChildren(
      h("h1", {}, round.name, h("small", {}, [round.code, t("{done} of {all} checked", { done: done.size, all: round.assets.length })].join(" · "))),
      ...round.assets.map(row),
      ...(entries.length ? [h("h2", {}, t("Written down here")), entryList(app, day, entries)] : []));
  };
  app.walker.changed = refresh;
  refresh();
  void app.walker.open().then(refresh);
  if (!app.walker.checks) void app.walker.fetch().then(refresh);
  return { el, refresh };
}

interface Asked {
  el: HTMLElement;
  answer: () => Answer;
  file?: () => File | undefined;
}

function askOk(item: CheckItem): Asked {
  const choice = (value: string, words: string) => h("label", {}, h("input", { type: "radio", name: item.code, value }), h("span", {}, words));
  const el = h("div", { class: "ph-field", role: "radiogroup", "aria-label": item.label }, h("span", {}, item.label), h("div", { class: "ph-choices" }, choice("yes", t("In order")), choice("no", t("Not in order"))));
  const chosen = () => el.querySelector<HTMLInputElement>("input:checked")?.value;
  return { el, answer: () => (chosen() === undefined ? null : chosen() === "yes") };
}

function askNumber(item: CheckItem, last: number | undefined): Asked {
  const box = numberInput(item.code, "", { min: null });
  const warning = h("small", { class: "ph-wrong" });
  const answer = () => {
    const text = box.value.trim().replace(",", ".");
    return text === "" || !Number.isFinite(Number(text)) ? null : Number(text);
  };
  box.addEventListener("input", () => (warning.textContent = isOut(item, answer()) ? t("Out of limits: {limits}", { limits: item.limits }) : ""));
  const help = [item.limits, last === undefined ? "" : t("last time {value}", { value: number(last) })].filter(Boolean).join(" · ");
  return { el: h("div", {}, field(item.unit ? `${item.label} (${item.unit})` : item.label, box, help), warning), answer };
}

function askText(item: CheckItem): Asked {
  const box = input(item.code, { maxlength: 500 });
  return { el: field(item.label, box), answer: () => box.value.trim() || null };
}

function askPhoto(item: CheckItem): Asked {
  const camera = h("input", { type: "file", accept: "image/*", capture: "environment", name: item.code, class: "form-control" });
  // The answer is the hash of the picture, which is made when it is kept.
  return { el: field(item.label, camera), answer: () => (camera.files?.[0] ? "photo" : null), file: () => camera.files?.[0] };
}

function ask(item: CheckItem, asset: CheckAsset): Asked {
  if (item.kind === "ok") return askOk(item);
  if (item.kind === "number") return askNumber(item, asset.latest?.numbers[item.code]);
  return item.kind === "photo" ? askPhoto(item) : askText(item);
}

function answerForm(app: App, round: CheckRound, asset: CheckAsset, list: CheckList): void {
  const asked = list.items.map((item) => [item, ask(item, asset)] as const);
  const wrong = h("p", { class: "ph-wrong", role: "alert" });
  const job = h("input", { type: "checkbox", class: "form-check-input", name: "wants_job" });
  const jobLine = h("label", { class: "ph-check", hidden: true }, job, h("span", {}, t("Somebody has to come: ask for a job")));
  const note = h("textarea", { class: "form-control", name: "note", rows: 2, maxlength: 2000 });
  const form = h("form", { class: "ph-form", novalidate: true }, ...asked.map(([, one]) => one.el),
    field(t("Note"), note, t("May stay empty.")), jobLine, wrong,
    h("button", { class: "btn btn-primary ph-big", type: "submit" }, t("Keep")));
  const bad = () => asked.filter(([item, one]) => isOut(item, one.answer()));
  const showJob = () => {
    wrong.textContent = "";
    const found = bad();
    jobLine.hidden = !found.length;
    if (!found.length) job.checked = false;
    if (found.some(([item]) => item.wants_job)) job.checked = job.disabled = true;
    else job.disabled = false;
  };
  form.addEventListener("input", showJob);
  form.addEventListener("change", showJob);
  const keep = async (): Promise<string> => {
    const answers = new Map(asked.map(([item, one]): [string, Answer] => [item.code, one.answer()]));
    const lacking = unanswered(list.items, answers);
    if (lacking.length) return t("Still to be answered: {items}", { items: lacking.map((one) => one.label).join(language() === "zh" ? "、" : ", ") });
    for (const [item, one] of asked) {
      const file = one.file?.();
      if (!file) continue;
      const picture = await pictureOf(file);
      answers.set(item.code, await sha256(picture.bytes));
      if (!(await app.add("check_photo", "", { asset_code: asset.code, item: item.code }, picture))) return "";
    }
    const body = { round: round.code, asset_code: asset.code, list: list.code, answers: JSON.stringify(Object.fromEntries(answers)), note: note.value.trim(), wants_job: job.checked };
    if (!(await app.add("check", "", body))) return "";
    close();
    app.tell(t("Kept on this phone"));
    return "";
  };
  let busy = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // Pictures take a while: a second press meanwhile would be a second check.
    if (busy) return;
    busy = true;
    void keep().then((said) => (wrong.textContent = said)).finally(() => (busy = false));
  });
  const close = sheet(asset.label, [form], "check");
}
