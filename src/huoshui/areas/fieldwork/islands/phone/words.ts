/** What was written down, in one line. */
import { number } from "@ui/format";
import { t, tn } from "@ui/i18n";
import { language } from "@ui/page";
import type { Choice, Day, Entry, Job } from "./types";

export function kindWords(kind: string): string {
  const known: Record<string, string> = {
    accept: t("Accepted by me"),
    set_off: t("Set off"),
    arrive: t("I have arrived"),
    repaired: t("Repaired"),
    water_back: t("Water is back"),
    step: t("Step"),
    reading: t("A reading"),
    meter: t("Meter exchanged"),
    material: t("Material used"),
    note: t("Note"),
    signature: t("Signature"),
    photo: t("Photo"),
    finish: t("Finished"),
    walk: t("Patrol walk"),
    finding: t("Patrol finding"),
    site: t("Construction site"),
    check: t("Check of equipment"),
    check_photo: t("Picture of a check"),
  };
  return known[kind] ?? kind;
}

/** What may be written down at a construction site. */
export function seenWords(what: string): string {
  const known: Record<string, string> = { visited: t("Looked at"), disclosed: t("Pipes shown to the builder"), damaged: t("Pipe damaged") };
  return known[what] ?? what;
}

function labelOf(given: readonly Choice[], code: unknown): string {
  return given.find((one) => one.code === code)?.label ?? String(code ?? "");
}

export function bodyWords(day: Day, job: Job | undefined, entry: Entry): string {
  const { body } = entry;
  switch (entry.kind) {
    case "step": {
      const label = labelOf(job?.steps ?? [], body.step);
      return body.done ? label : t("taken back: {step}", { step: label });
    }
    case "reading":
      return `${labelOf(day.choices.measured, body.what)}: ${number(Number(body.value))}`;
    case "meter":
      return t("old {old}: {last} m³, new {fresh}: {first} m³", {
        old: body.old_number, last: number(Number(body.old_reading_m3)), fresh: body.new_number, first: number(Number(body.start_reading_m3)),
      });
    case "material":
      return `${body.name} × ${number(Number(body.amount))} ${body.unit ?? ""}`.trim();
    case "photo":
      return labelOf(day.choices.shows, body.shows);
    case "finish":
      return [labelOf(day.choices.found, body.found), body.found_asset_code, body.note].filter(Boolean).join(" · ");
    case "walk":
      return t("{round}, part {part} of {parts}", { round: body.round, part: body.part, parts: body.parts });
    case "site":
      return [body.site, seenWords(String(body.what)), body.person, body.asset_code, body.note].filter(Boolean).join(" · ");
    case "check":
    case "check_photo":
      return [body.asset_code, body.note].filter(Boolean).join(" · ");
    case "finding":
      return [body.asset_code, body.note].filter(Boolean).join(" · ");
    default:
      return String(body.text ?? body.name ?? "");
  }
}

/** How many entries and pictures; what there is none of is left out, unless there is nothing. */
export function amounts(entries: number, photos: number): string {
  const said = [
    entries || !photos ? tn("{n} entry", "{n} entries", entries) : "",
    photos ? tn("{n} picture", "{n} pictures", photos) : "",
  ];
  return said.filter(Boolean).join(language() === "zh" ? "、" : ", ");
}
