/** The exchange of a meter: old number and reading, new number and reading; what looks mistyped is asked once more. */
import { h } from "@ui/dom";
import { day as dayText, number } from "@ui/format";
import { t } from "@ui/i18n";
import type { App } from "./app";
import { canScan, scanned } from "./scan";
import type { Day, Entry, Job, Meter, PartOf } from "./types";
import { field, input, numberInput, sheet } from "./widgets";

/** The start of a new meter; a larger one is more likely the reading of the old one. */
const START_USUAL_M3 = 5;
/** What a home hardly takes: more of it is more often one digit too many. */
const USE_USUAL_M3 = 50;
const USE_USUAL_M3_DAY = 3;
const DAY_MS = 86_400_000;

export interface MeterSaid {
  old_number: string;
  old_reading_m3: number | null;
  new_number: string;
  start_reading_m3: number | null;
}

/** What cannot be: the words of the first thing that is missing or impossible, or nothing. */
export function wrongWith(said: MeterSaid): string {
  if (!said.old_number || !said.new_number) return t("Both meters need their number.");
  if (said.old_number === said.new_number) return t("The new meter cannot have the number of the old one.");
  const { old_reading_m3: last, start_reading_m3: first } = said;
  if (last === null || first === null || last < 0 || first < 0) return t("Both readings are needed, and none below zero.");
  return "";
}

/** What can be, but is more often mistyped than true. */
export function doubtsAbout(said: MeterSaid, known: Meter | undefined, today = ""): string[] {
  const doubts: string[] = [];
  const last = said.old_reading_m3 ?? 0;
  if (known?.reading_m3 != null && known.reading_date && today) {
    const days = Math.max(0, (Date.parse(today) - Date.parse(known.reading_date)) / DAY_MS);
    const used = last - known.reading_m3;
    if (used > USE_USUAL_M3 + days * USE_USUAL_M3_DAY) {
      doubts.push(t("That would be {used} m³ since {date}, when the old meter stood at {last} m³.", { used: number(used), date: dayText(known.reading_date), last: number(known.reading_m3) }));
    }
  }
  if (known?.reading_m3 != null && last < known.reading_m3) {
    doubts.push(t("The old meter stood at {last} m³ when it was read before; now {now} m³ would be less.", { last: number(known.reading_m3), now: number(last) }));
  }
  if ((said.start_reading_m3 ?? 0) > START_USUAL_M3) {
    doubts.push(t("A new meter rarely begins at {start} m³.", { start: number(said.start_reading_m3 ?? 0) }));
  }
  return doubts;
}

const text = (value: unknown) => (value === null || value === undefined ? "" : String(value));

const figure = (data: FormData, name: string): number | null => {
  const said = text(data.get(name)).trim().replace(",", ".");
  return said === "" || !Number.isFinite(Number(said)) ? null : Number(said);
};

function sorts(day: Day, job: Job): PartOf[] {
  const aboard = (day.vehicle?.parts ?? []).filter((one) => one.is_meter);
  const kit = job.kit.filter((one) => one.is_meter && !aboard.some((other) => other.code === one.code));
  return [...kit, ...aboard];
}

function chooseSort(given: readonly PartOf[], job: Job, chosen: string): HTMLElement | null {
  if (!given.length) return null;
  const usual = chosen || (job.kit.find((one) => one.is_meter) ?? given[0])?.code;
  const select = h("select", { class: "form-control", name: "new_part" }, ...given.map((one) => h("option", { value: one.code, selected: one.code === usual }, one.label)));
  return field(t("Sort of the new meter"), select, t("One is taken from the vehicle's stock by itself."));
}

/** Which of several customers' meters it is: one name folded into the job is not the only one. */
function chooseMeter(given: readonly Meter[], chosen: string, take: (number: string) => void): HTMLElement | null {
  if (given.length < 2) return null;
  const option = (one: Meter) => h("option", { value: one.number, selected: one.number === chosen }, meterWords(one));
  const select = h("select", { class: "form-control", name: "known" }, h("option", { value: "" }, t("— choose —")), ...given.map(option));
  select.addEventListener("change", () => take(select.value));
  return field(t("Whose meter"), select, t("Everybody whom this job is about. Another one is typed in below."));
}

/** A meter in one line: where it is, and its number. */
export const meterWords = (one: Meter) => [one.address, one.number].filter(Boolean).join(" · ");

export function meterForm(app: App, day: Day, job: Job, before?: Entry): void {
  const old = before?.body ?? {};
  const only = job.meters.length === 1 ? job.meters[0] : undefined;
  const oldNumber = input("old_number", { value: text(old.old_number ?? only?.number), autocapitalize: "characters", list: "ph-meters" });
  const newNumber = input("new_number", { value: text(old.new_number), autocapitalize: "characters" });
  const knownOne = () => job.meters.find((one) => one.number === oldNumber.value.trim());
  const lastWords = h("p", { class: "ph-soft" });
  const showLast = () => {
    const known = knownOne();
    lastWords.textContent = known?.reading_m3 == null ? "" : t("Read before: {reading} m³ {date}", { reading: number(known.reading_m3), date: known.reading_date ? dayText(known.reading_date) : "" });
  };
  oldNumber.addEventListener("input", showLast);
  showLast();
  const stopped = input("stopped_on", { type: "date", value: text(old.stopped_on), max: app.today() });
  const stoppedField = field(t("Stood still since"), stopped, t("As the customer says. The days until now are estimated for the bill."));
  const ran = h("input", { type: "checkbox", name: "stopped", checked: Boolean(old.stopped_on) });
  const showStopped = () => (stoppedField.hidden = !ran.checked);
  ran.addEventListener("change", showStopped);
  showStopped();
  const scan = (into: HTMLInputElement) => canScan() ? scanned(t("Scan the number"), (code) => {
    into.value = code;
    showLast();
  }) : null;
  const wrong = h("div", { class: "ph-wrong", role: "alert" });
  const submit = h("button", { class: "btn btn-primary ph-big", type: "submit" }, t("Keep"));
  let asked = "";
  const el = h("form", { class: "ph-form", novalidate: true },
    h("h3", {}, t("Old meter")),
    chooseMeter(job.meters, oldNumber.value, (number) => {
      oldNumber.value = number;
      showLast();
    }),
    field(t("Number"), oldNumber),
    h("datalist", { id: "ph-meters" }, ...job.meters.map((one) => h("option", { value: one.number }, one.address ?? ""))),
    scan(oldNumber),
    field(t("Last reading (m³)"), numberInput("old_reading_m3", text(old.old_reading_m3))), lastWords,
    h("label", { class: "ph-check" }, ran, h("span", {}, t("It had stopped (frozen, broken)"))), stoppedField,
    h("h3", {}, t("New meter")),
    field(t("Number"), newNumber), scan(newNumber),
    field(t("First reading (m³)"), numberInput("start_reading_m3", text(old.start_reading_m3 ?? 0))),
    chooseSort(sorts(day, job), job, text(old.new_part)),
    h("p", { class: "ph-soft" }, t("Take a photo of both meters, so that the readings can be seen.")),
    wrong, submit);
  el.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(el);
    const said: MeterSaid = {
      old_number: text(data.get("old_number")).trim(), old_reading_m3: figure(data, "old_reading_m3"),
      new_number: text(data.get("new_number")).trim(), start_reading_m3: figure(data, "start_reading_m3"),
    };
    const problem = wrongWith(said) || (ran.checked && !stopped.value ? t("Please say since which day it stood still.") : "");
    const doubts = problem ? [] : doubtsAbout(said, knownOne(), app.today());
    const question = doubts.join(" ");
    if (problem || (question && asked !== question)) {
      asked = question;
      wrong.replaceChildren(h("p", {}, problem || question), ...(question ? [h("p", {}, t("Look at the meters again. If it is right, press once more."))] : []));
      submit.textContent = question ? t("It is right: keep it") : t("Keep");
      return;
    }
    submit.disabled = true;
    const body = { ...said, new_part: text(data.get("new_part")), ...(ran.checked ? { stopped_on: stopped.value } : {}) };
    void app.add("meter", job.number, body, undefined, before).finally(() => (submit.disabled = false)).then((kept) => {
      if (!kept) return;
      close();
      app.tell(t("Kept on this phone"));
    });
  });
  const close = sheet(t("Exchange of the meter"), [el], "meter");
}
