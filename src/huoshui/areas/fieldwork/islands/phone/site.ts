/** Construction sites on the phone: which are to be looked at, and what was seen and said there. */
import { h } from "@ui/dom";
import { day as dayText, moment } from "@ui/format";
import { t } from "@ui/i18n";
import type { App, Screen } from "./app";
import { entryList } from "./entrylist";
import { metres } from "./jobs";
import { pictureOf } from "./picture";
import type { Day } from "./types";
import type { Site } from "./walkbase";
import { choices, field, input, sheet } from "./widgets";
import { seenWords } from "./words";

export type Seen = "visited" | "disclosed" | "damaged";

/** What is still missing of a note, in words; nothing where it may be kept. */
export function lacking(what: Seen, said: { person: string; asset_code: string }, hasPicture: boolean): string {
  if (what === "disclosed" && !said.person) return t("Please say whom of the builder you told.");
  if (what === "disclosed" && !hasPicture) return t("Please photograph the signed sheet.");
  if (what === "damaged" && !said.asset_code) return t("Please say which pipe is damaged.");
  return "";
}

/** Whether somebody looked at a site since the server said so, by what waits on this phone. */
export function lookedHere(app: App, site: Site): boolean {
  return app.outbox.entries.some((one) => one.kind === "site" && one.body.site === site.number && one.receipt?.outcome !== "refused");
}

function far(app: App, site: Site): string {
  if (!app.spot) return "";
  const away = metres(app.spot, site);
  return away < 1000 ? t("{n} m away", { n: Math.round(away / 10) * 10 }) : t("{n} km away", { n: (away / 1000).toFixed(1) });
}

function card(app: App, site: Site): HTMLElement {
  const seen = lookedHere(app, site);
  const words = seen ? t("Looked at") : site.is_late ? t("Visit overdue") : site.risk_label;
  return h("a", { class: "ph-card", href: `#/site/${encodeURIComponent(site.number)}`, "data-site": site.number },
    h("div", { class: "ph-card-top" },
      h("span", { class: "ph-state", "data-standing": seen ? "finished" : site.is_late ? "here" : "new" }, words),
      h("span", { class: "ph-until" }, site.due_at ? t("until {time}", { time: dayText(site.due_at) }) : "")),
    h("strong", {}, site.name),
    h("div", { class: "ph-soft" }, [site.number, site.machine_label, far(app, site)].filter(Boolean).join(" \u00b7 ")));
}

/** The sites below the rounds; nothing where there are none. */
export function siteCards(app: App): HTMLElement[] {
  const sites = app.walker.given?.sites ?? [];
  return sites.length ? [h("h2", {}, t("Construction sites")), ...sites.map((one) => card(app, one))] : [];
}

export function siteScreen(app: App, day: Day, number: string): Screen {
  const el = h("div", { class: "ph-page" });
  const refresh = () => {
    const site = app.walker.given?.sites?.find((one) => one.number === number);
    if (!site) {
      el.replaceChildren(h("p", { class: "ph-empty" }, t("This site is not among those to be looked at.")));
      return;
    }
    const facts: [string, string][] = [
      [t("Builder"), site.builder],
      [t("Digs with"), site.machine_label],
      [t("Risk"), site.risk_label],
      [t("Visit until"), site.due_at ? moment(site.due_at) : ""],
      [t("Pipes near by"), site.pipes.map(([code, away]) => `${code} (${Math.round(away)} m)`).join(", ")],
    ];
    const button = (what: Seen, main: boolean) =>
      h("button", { type: "button", class: `btn ph-big${main ? " btn-primary" : ""}`, "data-deed": what, click: () => seenForm(app, site, what) }, seenWords(what));
    const entries = app.outbox.entries.filter((one) => one.kind === "site" && one.body.site === site.number);
    el.replaceChildren(
      h("h1", {}, site.name, h("small", {}, [site.number, far(app, site)].filter(Boolean).join(" \u00b7 "))),
      site.is_disclosed ? "" : h("p", { class: "ph-wrong" }, t("The builder has not been shown the pipes yet.")),
      h("dl", { class: "ph-facts" }, ...facts.filter(([, said]) => said).flatMap(([name, said]) => [h("dt", {}, name), h("dd", {}, said)])),
      button("visited", true), button("disclosed", false), button("damaged", false),
      ...(entries.length ? [h("h2", {}, t("Written down here")), entryList(app, day, entries)] : []));
  };
  app.walker.changed = refresh;
  refresh();
  void app.walker.open().then(refresh);
  if (!app.walker.given) void app.walker.fetch().then(refresh);
  return { el, refresh };
}

function seenForm(app: App, site: Site, what: Seen): void {
  const wrong = h("p", { class: "ph-wrong", role: "alert" });
  const camera = h("input", { type: "file", accept: "image/*", capture: "environment", name: "photo", class: "form-control" });
  const pipes = site.pipes.map(([code, away]) => ({ code, label: `${code} (${Math.round(away)} m)` }));
  const el = h("form", { class: "ph-form", novalidate: true },
    ...(what === "damaged" ? [pipes.length ? choices("asset_code", pipes, pipes.length === 1 ? pipes[0]?.code : "") : field(t("Damaged asset"), input("asset_code"))] : []),
    what === "damaged" ? "" : field(what === "visited" ? t("Talked with") : t("Whom of the builder"), input("person"), what === "visited" ? t("May stay empty.") : ""),
    field(t("Note"), h("textarea", { class: "form-control", name: "note", rows: 3 })),
    field(what === "disclosed" ? t("Photo of the signed sheet") : t("Photo"), camera),
    what === "damaged" ? h("p", { class: "ph-soft" }, t("The repair is asked for as soon as this arrives. Without signal, call the dispatcher.")) : "",
    wrong, h("button", { class: "btn btn-primary ph-big", type: "submit" }, t("Keep")));
  const keep = async () => {
    const data = new FormData(el);
    const said = { person: String(data.get("person") ?? "").trim(), asset_code: String(data.get("asset_code") ?? "").trim() };
    const file = camera.files?.[0];
    const lack = lacking(what, said, Boolean(file));
    if (lack) return lack;
    const body = { site: site.number, what, ...said, note: String(data.get("note") ?? "").trim() };
    if (!(await app.add("site", "", body, file ? await pictureOf(file) : undefined))) return "";
    close();
    app.tell(t("Kept on this phone"));
    return "";
  };
  let busy = false;
  el.addEventListener("submit", (event) => {
    event.preventDefault();
    // A picture takes a while: a second press meanwhile would be a second note.
    if (busy) return;
    busy = true;
    void keep().then((told) => (wrong.textContent = told)).finally(() => (busy = false));
  });
  const close = sheet(seenWords(what), [el], "site");
}
