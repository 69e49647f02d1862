/** Patrol rounds on the phone: which are due, the walk under way on its map, and what is found. */
import { h } from "@ui/dom";
import { t, tn } from "@ui/i18n";
import type { App, Screen } from "./app";
import { checkCards } from "./check";
import { metres } from "./jobs";
import { pictureOf } from "./picture";
import { siteCards } from "./site";
import { keepTiles } from "./tiles";
import type { Day } from "./types";
import { choices, field, input, sheet } from "./widgets";
import type { Round, Thing } from "./walkbase";
import type { WalkMap } from "./walkmap";
import { freshest } from "./walkmodel";
import "./walk.css";

const THINGS_SHOWN = 5;
const NEAR_THING_M = 30;

const percent = (share: number) => `${Math.floor(share * 100)}%`;

function card(app: App, round: Round): HTMLElement {
  const here = app.walker.walk?.round.code === round.code;
  const share = round.walked_frac === null ? "" : t("{share} walked", { share: percent(round.walked_frac) });
  return h("a", { class: "ph-card", href: `#/walk/${encodeURIComponent(round.code)}`, "data-round": round.code, "data-standing": round.standing },
    h("div", { class: "ph-card-top" },
      h("span", { class: "ph-state", "data-standing": here ? "here" : round.standing === "walked" ? "finished" : "new" }, here ? t("Under way") : round.standing_label || round.code),
      h("span", { class: "ph-until" }, round.until ? t("until {time}", { time: round.until }) : "")),
    h("strong", {}, round.name),
    h("div", { class: "ph-soft" }, [round.code, tn("{n} pipe", "{n} pipes", round.pipes.length), share].filter(Boolean).join(" · ")));
}

export function roundsScreen(app: App): Screen {
  const el = h("div", { class: "ph-page" });
  const refresh = () => {
    const rounds = app.walker.given?.rounds;
    const none = rounds ? t("No patrol round is yours.") : app.sync.line === "away" ? t("There is no signal, and this phone has not fetched any rounds yet.") : t("Fetching your rounds …");
    el.replaceChildren(h("h1", {}, t("Patrol rounds")), ...(rounds?.length ? rounds.map((one) => card(app, one)) : [h("p", { class: "ph-empty" }, none)]), ...checkCards(app), ...siteCards(app));
  };
  app.walker.changed = refresh;
  refresh();
  void app.walker.fetch().then(() => {
    refresh();
    const day = app.day;
    if (day && app.walker.given) void keepTiles(app.db, day, [...spotsOf(app.walker.given.rounds), ...(app.walker.given.sites ?? []).map((one): [number, number] => [one.lon, one.lat])]);
  });
  return { el, refresh };
}

/** A place every few hundred metres, whose tiles the phone should have. */
function spotsOf(rounds: readonly Round[]): [number, number][] {
  return rounds.flatMap((round) => round.pipes.filter((_pipe, at) => at % 6 === 0).flatMap((pipe) => pipe.line.slice(0, 1)));
}

function troubleWords(app: App): string {
  const { trouble, latest } = app.walker;
  if (trouble === "elsewhere") return t("Another window of this phone records this walk.");
  if (trouble === "denied") return t("This phone does not tell its place: allow it for this page, or nothing is recorded.");
  if (trouble === "full") return t("The phone has no room: the track is not kept any more. End the walk and send it.");
  if (!latest || trouble === "weak") return t("Waiting for the satellites …");
  return latest.accuracy_m === null ? "" : t("Place known within {n} m", { n: latest.accuracy_m });
}

function nearThings(app: App, round: Round): Thing[] {
  const here = app.walker.latest;
  const seen = new Set(app.walker.walk?.seen);
  const away = (one: Thing) => (here ? metres(here, one) : 0);
  return [...round.things].sort((one, two) => Number(seen.has(one.code)) - Number(seen.has(two.code)) || away(one) - away(two)).slice(0, THINGS_SHOWN);
}

export function walkScreen(app: App, day: Day, code: string): Screen {
  const place = h("div", { class: "ph-walkmap" });
  const head = h("div", {});
  const foot = h("div", {});
  const el = h("div", { class: "ph-page ph-walk" }, head, place, foot);
  let map: WalkMap | null = null;
  let stopped = false;
  const round = (): Round | undefined => {
    const walk = app.walker.walk;
    return walk?.round.code === code ? walk.round : app.walker.given?.rounds.find((one) => one.code === code);
  };
  const refresh = () => {
    const found = round();
    if (!found) {
      head.replaceChildren(h("p", { class: "ph-empty" }, t("Fetching your rounds …")));
      return;
    }
    const { walk, passed } = app.walker;
    const mine = walk?.round.code === code;
    el.dataset.walking = String(mine);
    el.dataset.passed = mine && passed ? String(Math.floor(passed.share * 1000) / 1000) : "";
    head.replaceChildren(
      h("h1", {}, found.name, h("small", {}, mine && passed ? `${t("{share} passed", { share: percent(passed.share) })} · ${troubleWords(app)}` : [found.code, found.standing_label].filter(Boolean).join(" · "))));
    foot.replaceChildren(...(mine ? walking(app, found) : [resting(app, found)]));
    map?.show(found, mine ? passed : null, app.walker.latest, app.walker.given);
  };
  app.walker.changed = refresh;
  refresh();
  void app.walker.open().then(refresh);
  if (!app.walker.given) void app.walker.fetch().then(refresh);
  void import("./walkmap").then(({ WalkMap }) => {
    if (stopped) return;
    map = new WalkMap(app, day);
    place.append(map.el);
    refresh();
  });
  return { el, refresh, stop: () => { stopped = true; map?.stop(); } };
}

function resting(app: App, round: Round): HTMLElement {
  const other = app.walker.walk;
  if (other) return h("a", { class: "btn ph-big", href: `#/walk/${encodeURIComponent(other.round.code)}` }, t("End “{name}” first", { name: other.round.name }));
  return h("button", { type: "button", class: "btn btn-primary ph-next", "data-deed": "begin", click: () => void app.walker.begin(round) }, t("Begin the walk"));
}

function walking(app: App, round: Round): (HTMLElement | string)[] {
  const walk = app.walker.walk;
  const seen = new Set(walk?.seen);
  const thing = (one: Thing) => h("button", { type: "button", class: "ph-step", role: "checkbox", "aria-checked": String(seen.has(one.code)), "data-thing": one.code, click: () => void app.walker.noteSeen(one.code) },
    h("span", { class: "ph-tick" }, seen.has(one.code) ? "✓" : ""), h("span", {}, one.label));
  return [
    h("button", { type: "button", class: "btn btn-primary ph-next", "data-deed": "finding", click: () => findingForm(app, round) }, t("Found something")),
    walk?.findings ? h("p", { class: "ph-soft" }, tn("{n} finding kept", "{n} findings kept", walk.findings)) : "",
    ...(round.things.length ? [h("h2", {}, t("Valves and hydrants near you")), ...nearThings(app, round).map(thing)] : []),
    h("button", { type: "button", class: "btn ph-big", "data-deed": "end", click: () => confirmEnd(app) }, t("End the walk")),
    h("p", { class: "ph-foot" }, t("Keep the screen on: most phones stop telling their place when it is dark.")),
  ];
}

function confirmEnd(app: App): void {
  const share = app.walker.passed?.share ?? 0;
  const go = async () => {
    close();
    await app.walker.end();
    app.tell(t("Kept on this phone"));
    window.location.hash = "#/rounds";
  };
  const close = sheet(t("End the walk?"), [
    h("p", {}, t("{share} of the pipes were passed. The office sees which pieces are missing.", { share: percent(share) })),
    h("button", { type: "button", class: "btn btn-primary ph-big", "data-deed": "end-now", click: () => void go() }, t("End the walk")),
  ], "end-walk");
}

function findingForm(app: App, round: Round): void {
  const given = app.walker.given;
  // What was seen lies where the patroller stood then; without a place yet, it is asked for again.
  const place = () => freshest([app.walker.placed, app.spot], Date.now());
  const here = place();
  const wrong = h("p", { class: "ph-wrong", role: "alert" });
  const nearest = here ? round.things.map((one) => [metres(here, one), one] as const).filter(([away]) => away < NEAR_THING_M).sort((one, two) => one[0] - two[0])[0]?.[1] : undefined;
  const job = h("input", { type: "checkbox", class: "form-check-input", name: "wants_job" });
  const camera = h("input", { type: "file", accept: "image/*", capture: "environment", name: "photo", class: "form-control" });
  const el = h("form", { class: "ph-form", novalidate: true },
    choices("finding", given?.kinds ?? []),
    field(t("At which asset"), input("asset_code", { value: nearest?.code ?? "" }), t("May stay empty.")),
    field(t("Note"), h("textarea", { class: "form-control", name: "note", rows: 2 })),
    field(t("Photo"), camera),
    h("label", { class: "ph-check" }, job, h("span", {}, t("Somebody has to come: ask for a job"))),
    wrong, h("button", { class: "btn btn-primary ph-big", type: "submit" }, t("Keep")));
  el.addEventListener("change", (event) => {
    const chosen = event.target as HTMLInputElement;
    if (chosen.name === "finding") job.checked = Boolean(given?.kinds.find((one) => one.code === chosen.value)?.pressing);
  });
  const keep = async () => {
    const data = new FormData(el);
    const finding = String(data.get("finding") ?? "");
    const note = String(data.get("note") ?? "").trim();
    if (!finding) return t("Please choose what you found.");
    const spot = here ?? place();
    if (!spot) return t("The phone does not know its place yet. Wait a moment.");
    if (finding === "other" && !note) return t("Please say in a few words what you found.");
    const file = camera.files?.[0];
    const walk = app.walker.walk?.id ?? "";
    const body = { finding, lon: spot.lon, lat: spot.lat, walk, round: round.code, asset_code: String(data.get("asset_code") ?? "").trim(), note, wants_job: job.checked };
    if (!(await app.add("finding", "", body, file ? await pictureOf(file) : undefined))) return "";
    await app.walker.noteFinding();
    close();
    app.tell(t("Kept on this phone"));
    return "";
  };
  let busy = false;
  el.addEventListener("submit", (event) => {
    event.preventDefault();
    // A picture takes a while: a second press meanwhile would be a second finding, and a second job.
    if (busy) return;
    busy = true;
    void keep().then((said) => (wrong.textContent = said)).finally(() => (busy = false));
  });
  const close = sheet(t("What did you find?"), [el], "finding");
}
