/** The forms of a job: each writes one entry down and closes; what is refused is filled in again. */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";
import type { App } from "./app";
import { materialForm } from "./materials";
import { meterForm } from "./meter";
import { signaturePad } from "./pad";
import { pictureOf } from "./picture";
import type { Body, Day, Entry, Job, Kind } from "./types";
import { choices, field, input, numberInput, sheet } from "./widgets";

const METER_EXCHANGED = "meter_exchanged";

type Form = (app: App, day: Day, job: Job, before?: Entry) => void;

const text = (value: unknown) => (value === null || value === undefined ? "" : String(value));

/** A sheet with fields; `read` makes the body, or says what is missing. */
function form(app: App, job: Job, kind: Kind, title: string, fields: Node[], read: (data: FormData) => Body | string, before?: Entry): void {
  const wrong = h("p", { class: "ph-wrong", role: "alert" });
  const el = h("form", { class: "ph-form", novalidate: true }, ...fields, wrong, h("button", { class: "btn btn-primary ph-big", type: "submit" }, t("Keep")));
  const close = sheet(title, [el], kind);
  el.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = read(new FormData(el));
    if (typeof body === "string") {
      wrong.textContent = body;
      return;
    }
    void app.add(kind, job.number, body, undefined, before).then((kept) => {
      if (!kept) return;
      close();
      app.tell(t("Kept on this phone"));
    });
  });
}

const figure = (data: FormData, name: string): number | null => {
  const said = text(data.get(name)).trim().replace(",", ".");
  const value = said === "" ? NaN : Number(said);
  return Number.isFinite(value) ? value : null;
};

const noteForm: Form = (app, _day, job, before) =>
  form(app, job, "note", t("Note"), [h("textarea", { class: "form-control", name: "text", rows: 5, "aria-label": t("Note") }, text(before?.body.text))], (data) => {
    const said = text(data.get("text")).trim();
    return said ? { text: said } : t("Please write something.");
  }, before);

const readingForm: Form = (app, day, job, before) =>
  form(app, job, "reading", t("A reading"), [
    choices("what", day.choices.measured, text(before?.body.what)),
    field(t("Value read"), numberInput("value", text(before?.body.value), { min: null })),
  ], (data) => {
    const value = figure(data, "value");
    if (!data.get("what")) return t("Please choose what was read.");
    return value === null ? t("Please write the value as a number.") : { what: text(data.get("what")), value };
  }, before);

const finishForm: Form = (app, day, job, before) => {
  const old = before?.body ?? {};
  // Whoever has just exchanged the meter has found what is asked below.
  const exchanged = !before && app.outbox.ofJob(job.number).some((one) => one.kind === "meter");
  form(app, job, "finish", t("Finish the job"), [
    h("h3", {}, t("What did you find?")),
    choices("found", day.choices.found, exchanged ? METER_EXCHANGED : text(old.found)),
    ...(job.kind === "repair" ? [h("h3", {}, t("Cause")), choices("cause", day.choices.causes, text(old.cause))] : []),
    field(t("At which asset"), input("found_asset_code", { value: text(old.found_asset_code ?? job.asset_code) })),
    field(t("Estimated leak (m³/h)"), numberInput("found_size_m3h", text(old.found_size_m3h)), t("May stay empty.")),
    field(t("Note"), h("textarea", { class: "form-control", name: "note", rows: 3 }, text(old.note))),
  ], (data) => {
    const found = text(data.get("found"));
    const found_asset_code = text(data.get("found_asset_code")).trim();
    const note = text(data.get("note")).trim();
    if (!found) return t("Please choose what you found.");
    if (day.found_a_leak.includes(found) && !found_asset_code) return t("Please say at which asset the leak was.");
    if (found === "other" && !note) return t("Please say in a few words what you found.");
    const cause = text(data.get("cause"));
    return { found, found_asset_code, found_size_m3h: figure(data, "found_size_m3h"), note, ...(cause ? { cause } : {}) };
  }, before);
};

const FORMS: Partial<Record<Kind, Form>> = { note: noteForm, reading: readingForm, meter: meterForm, material: materialForm, finish: finishForm };

export function formFor(kind: Kind): Form | null {
  return FORMS[kind] ?? null;
}

export function signatureForm(app: App, job: Job): void {
  const pad = signaturePad();
  const name = input("name");
  const wrong = h("p", { class: "ph-wrong", role: "alert" });
  const keep = async () => {
    if (!name.value.trim() || pad.is_empty()) {
      wrong.textContent = t("A name and a signature are needed.");
      return;
    }
    if (!(await app.add("signature", job.number, { name: name.value.trim() }, await pictureOf(pad.canvas)))) return;
    close();
    app.tell(t("Kept on this phone"));
  };
  const close = sheet(t("Signature of the customer"), [
    h("div", { class: "ph-form" }, field(t("Name of the customer"), name), pad.el, wrong, h("button", { type: "button", class: "btn btn-primary ph-big", click: () => void keep() }, t("Keep"))),
  ], "signature");
}

/** Pictures of one sort: the camera opens, each picture is kept at once. */
export function photoForm(app: App, day: Day, job: Job): void {
  const wrong = h("p", { class: "ph-wrong", role: "alert" });
  const take = async (files: FileList | null, shows: string) => {
    for (const file of files ?? []) {
      try {
        if (!(await app.add("photo", job.number, { shows }, await pictureOf(file)))) return;
      } catch (error) {
        console.warn(error);
        wrong.textContent = t("{name} is no picture that this phone can read.", { name: file.name });
        return;
      }
    }
    close();
    app.tell(t("Kept on this phone"));
  };
  const sort = (one: { code: string; label: string }) => {
    const camera = h("input", { type: "file", accept: "image/*", capture: "environment", multiple: true, "data-shows": one.code, hidden: true });
    camera.addEventListener("change", () => void take(camera.files, one.code));
    return h("label", { class: "btn ph-big" }, one.label, camera);
  };
  const close = sheet(t("What does the photo show?"), [h("div", { class: "ph-form" }, ...day.choices.shows.map(sort), wrong)], "photo");
}
