/** What was sent and what waits; and the list on which both sides agree at the end of the day. */
import { h } from "@ui/dom";
import { moment } from "@ui/format";
import { t, tn } from "@ui/i18n";
import { csrfToken, language } from "@ui/page";
import type { App, Screen } from "./app";
import { entryList } from "./entrylist";
import type { Day, Reckoned } from "./types";
import { FETCHED_MS, refreshShell } from "./update";
import { amounts, kindWords } from "./words";

function lineWords(app: App): string {
  switch (app.sync.line) {
    case "reached":
      return app.sync.busy ? t("Sending …") : t("The server is reached; last contact {time}", { time: moment(app.shownNow()) });
    case "away":
      return t("No signal. Everything is kept on this phone and sent by itself later.");
    case "signed_out":
      return t("You are signed out. Everything is kept on this phone; sign in to send it.");
    case "not_allowed":
      return t("Your posts do not include field work. Ask the crew leader.");
    default:
      return t("Looking for the server …");
  }
}

/** What the comparison found, in words. */
function found(app: App, reckoned: Reckoned | null, failed: boolean): HTMLElement | null {
  if (failed) return h("p", { class: "ph-wrong" }, t("The server cannot be reached now. Nothing is lost; count again where there is signal."));
  if (!reckoned) return null;
  if (reckoned.agreed_at) {
    return h("p", { class: "ph-agreed", "data-agreed": "true" }, t("Both sides have the same: {what}.", { what: amounts(reckoned.entries, reckoned.photos) }), " ",
      h("code", {}, reckoned.list_hash.slice(0, 12)));
  }
  const missing = reckoned.missing.length + reckoned.differing.length;
  const lost = reckoned.photos_missing.filter((hash) => !app.outbox.photos.get(hash)?.bytes).length;
  return h("div", { class: "ph-wrong", "data-agreed": "false" },
    missing ? h("p", {}, tn("{n} entry was missing on the server and is sent again.", "{n} entries were missing on the server and are sent again.", missing)) : null,
    reckoned.photos_missing.length ? h("p", {}, tn("{n} picture was missing on the server and is sent again.", "{n} pictures were missing on the server and are sent again.", reckoned.photos_missing.length)) : null,
    lost ? h("p", {}, tn("{n} picture is on neither side.", "{n} pictures are on neither side.", lost)) : null,
    reckoned.only_here.length ? h("p", {}, t("The server also has what this phone no longer knows: {what}.", { what: reckoned.only_here.map((one) => `${kindWords(one.kind)} ${one.job}`).join(", ") })) : null,
    missing || reckoned.photos_missing.length ? h("p", {}, t("Count again in a moment.")) : null);
}

async function speak(app: App, wanted: string): Promise<void> {
  const body = new FormData();
  body.set("language", wanted);
  try {
    const headers = { "X-CSRFToken": app.csrf() || csrfToken() };
    await fetch(app.props.language_url, { method: "POST", body, headers, redirect: "manual", credentials: "same-origin" });
    await refreshShell();
    window.setTimeout(() => window.location.reload(), FETCHED_MS);
  } catch {
    app.tell(t("The language can be changed where there is signal."));
  }
}

export function sentScreen(app: App, _day: Day): Screen {
  const el = h("div", { class: "ph-page" });
  let reckoned: Reckoned | null = null;
  let failed = false;
  let counting = false;
  const count = async () => {
    counting = true;
    refresh();
    try {
      await app.sync.round(true);
      reckoned = await app.sync.reckon(app.today());
      failed = false;
      if (reckoned.agreed_at) {
        await app.agree({ at: reckoned.agreed_at, day: app.today(), entries: reckoned.entries, photos: reckoned.photos });
      } else {
        await app.outbox.sendAgain(reckoned);
        void app.sync.round();
      }
    } catch {
      failed = true;
    }
    counting = false;
    refresh();
  };
  const refresh = () => {
    const day = app.day as Day;
    const box = app.outbox;
    const waiting = box.waiting().length;
    const photos = box.photosWaiting().length;
    const kept = [...box.photos.values()].filter((one) => one.is_kept).length;
    const refused = box.refused();
    const rest = box.entries.filter((one) => !refused.includes(one));
    const row = (name: string, here: number, there: number) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, String(here)), h("td", {}, String(there)), h("td", { class: here === there ? "ph-good" : "ph-bad" }, here === there ? "✓" : String(here - there)));
    el.replaceChildren(
      h("h1", {}, t("Outbox")),
      h("p", { class: "ph-soft" }, lineWords(app)),
      app.sync.line === "signed_out" ? app.signIn() : "",
      ...(refused.length ? [h("h2", {}, t("Not taken")), entryList(app, day, refused, true)] : []),
      h("h2", {}, t("End of the day")),
      h("table", { class: "ph-count" },
        h("thead", {}, h("tr", {}, h("th", {}, ""), h("th", {}, t("On this phone")), h("th", {}, t("On the server")), h("th", {}, t("Still open")))),
        h("tbody", {}, row(t("Entries"), box.entries.length, box.entries.length - waiting), row(t("Pictures"), box.photos.size, kept))),
      h("button", { type: "button", class: "btn btn-primary ph-big", disabled: counting, "data-deed": "reckon", click: () => void count() }, counting ? t("Counting …") : t("Count together with the server")),
      found(app, reckoned, failed) ?? (app.agreed ? h("p", { class: "ph-soft" }, t("Last agreed {time}: {what}.", { time: moment(app.agreed.at), what: amounts(app.agreed.entries, app.agreed.photos) })) : ""),
      h("button", { type: "button", class: "btn ph-big", "data-deed": "send", click: () => void app.sync.round(true) }, photos + waiting ? t("Send now") : t("Fetch my jobs again")),
      h("p", { class: "ph-foot" }, app.room),
      h("div", { class: "ph-languages" }, ...([["zh-hans", "中文"], ["en", "English"]] as const).map(([code, name]) =>
        h("button", { type: "button", class: "btn ph-small", "data-language": code, "aria-current": code.startsWith(language()) ? "true" : null, click: () => void speak(app, code) }, name))),
      h("h2", {}, t("Everything written down")),
      rest.length ? entryList(app, day, rest, true) : h("p", { class: "ph-soft" }, t("Nothing yet.")));
  };
  refresh();
  return { el, refresh };
}
