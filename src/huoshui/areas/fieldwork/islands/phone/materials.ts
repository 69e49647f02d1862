/** What was used at a job: the kit and what lies in the vehicle, counted by thumb; anything else by name or code. */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";
import type { App } from "./app";
import { canScan, scanned } from "./scan";
import type { Body, Day, Entry, Job, PartOf } from "./types";
import { field, input, numberInput, sheet } from "./widgets";

/** What lies in the vehicle: by the books, less what was written down and is not booked yet. */
export function aboard(day: Day, entries: readonly Entry[]): Map<string, number> {
  const found = new Map((day.vehicle?.parts ?? []).map((one) => [one.code, one.quantity]));
  for (const entry of entries) {
    const code = String(entry.body.code ?? "");
    if (entry.kind !== "material" || entry.receipt || !found.has(code)) continue;
    found.set(code, Math.max(0, (found.get(code) ?? 0) - Number(entry.body.amount)));
  }
  return found;
}

/** The lines to choose from: the kit of the job first, then the rest of the vehicle. */
export function lines(day: Day, job: Job): PartOf[] {
  const kit = job.kit.filter((one) => !(one.is_meter && job.exchanges_meter));
  const known = new Set(job.kit.map((one) => one.code));
  const rest = (day.vehicle?.parts ?? []).filter((one) => !known.has(one.code) && !(one.is_meter && job.exchanges_meter));
  return [...kit, ...rest.map((one) => ({ ...one, quantity: 0 }))];
}

interface Line {
  el: HTMLElement;
  count: () => number;
  set: (count: number) => void;
}

function line(part: PartOf, there: number | null): Line {
  let count = 0;
  const figure = h("output", { class: "ph-figure", "data-count": part.code }, "0");
  const less = h("button", { type: "button", class: "btn ph-round", "data-less": part.code, "aria-label": t("One less: {part}", { part: part.label }), click: () => set(count - 1) }, "−");
  const more = h("button", { type: "button", class: "btn ph-round", "data-more": part.code, "aria-label": t("One more: {part}", { part: part.label }), click: () => set(count + 1) }, "+");
  const note = h("div", { class: "ph-soft" });
  const set = (next: number) => {
    count = Math.max(0, next);
    figure.textContent = String(count);
    less.disabled = count === 0;
    const lies = there === null ? t("not in the vehicle by the books") : t("{n} {unit} in the vehicle", { n: there, unit: part.unit });
    const over = count > (there ?? 0);
    note.textContent = count && over ? t("{lies}; your count is kept, the store keeper checks", { lies }) : lies;
    note.classList.toggle("ph-wait", count > 0 && over);
  };
  set(0);
  const el = h("div", { class: "ph-part" }, h("div", {}, h("strong", {}, part.label), note), less, figure, more);
  return { el, count: () => count, set };
}

/** Everything else: by its name, or by the code that stands on it. */
function other(day: Day): { el: HTMLElement; read: () => Body | string | null; fill: (before: Entry | undefined) => void } {
  const known = day.choices.parts;
  const name = input("name", { list: "ph-parts" });
  const amount = numberInput("amount", "1");
  const unit = input("unit", { maxlength: 20 });
  const chosen = () => known.find((one) => one.label === name.value.trim() || one.code === name.value.trim());
  name.addEventListener("input", () => {
    const part = chosen();
    if (part) unit.value = part.unit;
  });
  const scan = canScan() ? scanned(t("Scan the code on the part"), (code) => {
    name.value = known.find((one) => one.code === code)?.label ?? code;
    name.dispatchEvent(new Event("input"));
  }) : null;
  const el = h("details", { class: "ph-more" }, h("summary", {}, t("Something that is not in the list")),
    field(t("Which material"), name),
    h("datalist", { id: "ph-parts" }, ...known.map((one) => h("option", { value: one.label }))), scan,
    field(t("Amount used"), amount),
    field(t("Counted in"), unit, t("Such as pieces, m, kg. May stay empty.")));
  const read = () => {
    const said = name.value.trim();
    if (!said) return null;
    const much = Number(amount.value.trim().replace(",", "."));
    if (!Number.isFinite(much) || much <= 0) return t("Please say how much, above zero.");
    const part = chosen();
    if (part && !Number.isInteger(much)) return t("{part} is counted in whole pieces.", { part: part.label });
    return { name: part?.label ?? said, amount: much, unit: unit.value.trim(), code: part?.code ?? "" };
  };
  const fill = (before: Entry | undefined) => {
    if (!before) return;
    name.value = String(before.body.name ?? "");
    amount.value = String(before.body.amount ?? 1);
    unit.value = String(before.body.unit ?? "");
    el.setAttribute("open", "");
  };
  return { el, read, fill };
}

export function materialForm(app: App, day: Day, job: Job, before?: Entry): void {
  const wrong = h("p", { class: "ph-wrong", role: "alert" });
  const there = aboard(day, app.outbox.entries);
  const parts = before ? [] : lines(day, job);
  const rows = parts.map((one) => ({ part: one, ...line(one, there.get(one.code) ?? null) }));
  const kit = rows.filter((one) => one.part.quantity > 0);
  const rest = rows.filter((one) => one.part.quantity === 0);
  const more = other(day);
  more.fill(before);
  if (!rows.length) more.el.setAttribute("open", "");
  let busy = false;
  const keep = async () => {
    // A second press while the phone still writes would take everything twice.
    if (busy) return;
    const said = more.read();
    if (typeof said === "string") {
      wrong.textContent = said;
      return;
    }
    const used: { body: Body; kept: () => void }[] = rows.filter((one) => one.count() > 0)
      .map(({ part, count, set }) => ({ body: { name: part.label, amount: count(), unit: part.unit, code: part.code }, kept: () => set(0) }));
    if (said) used.push({ body: said, kept: () => undefined });
    if (!used.length) {
      wrong.textContent = t("Please say what was used.");
      return;
    }
    busy = true;
    try {
      for (const [at, one] of used.entries()) {
        if (!(await app.add("material", job.number, one.body, undefined, at === 0 ? before : undefined))) return;
        // Where the phone is full half-way, the next press keeps the rest only.
        one.kept();
      }
    } finally {
      busy = false;
    }
    close();
    app.tell(t("Kept on this phone"));
  };
  const takeKit = () => kit.forEach((one) => one.set(one.part.quantity));
  const close = sheet(t("Material used"), [
    h("form", { class: "ph-form", novalidate: true, submit: (event: Event) => { event.preventDefault(); void keep(); } },
      job.exchanges_meter ? h("p", { class: "ph-soft" }, t("The meter itself is booked by the exchange of the meter.")) : null,
      kit.length ? h("h3", {}, t("Kit of this job")) : null,
      kit.length ? h("button", { type: "button", class: "btn ph-big", "data-take": "kit", click: takeKit }, t("The whole kit was used")) : null,
      ...kit.map((one) => one.el),
      rest.length ? h("h3", {}, day.vehicle ? t("In the vehicle {name}", { name: day.vehicle.name }) : t("In the vehicle")) : null,
      ...rest.map((one) => one.el),
      more.el, wrong,
      h("button", { class: "btn btn-primary ph-big", type: "submit" }, t("Keep"))),
  ], "material");
}
