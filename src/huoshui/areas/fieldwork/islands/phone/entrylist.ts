/** Entries as a list: what, when, and whether the server has them. */
import { h } from "@ui/dom";
import { clock } from "@ui/format";
import { t } from "@ui/i18n";
import type { App } from "./app";
import { formFor } from "./forms";
import type { Day, Entry } from "./types";
import { bodyWords, kindWords } from "./words";

const OFF_S_MAX = 60;

function stateOf(app: App, entry: Entry): [string, string] {
  const receipt = entry.receipt;
  const photo = entry.photo_hash ? app.outbox.photos.get(entry.photo_hash) : undefined;
  if (entry.corrected) return ["soft", t("corrected below")];
  if (photo?.refused) return ["bad", photo.refused];
  if (!receipt) return ["wait", t("on this phone, to be sent")];
  if (receipt.outcome === "refused") return ["bad", t("not taken")];
  if (photo && !photo.is_kept) {
    const share = Math.round((100 * photo.sent_bytes) / photo.size);
    return ["wait", share ? t("picture on its way, {share}%", { share }) : t("picture to be sent")];
  }
  return receipt.outcome === "kept" ? ["mark", t("kept beside")] : ["good", t("received")];
}

function row(app: App, day: Day, entry: Entry, withJob: boolean): HTMLElement {
  const job = day.jobs.find((one) => one.number === entry.job);
  const [kind, words] = stateOf(app, entry);
  const receipt = entry.receipt;
  const small = app.outbox.photos.get(entry.photo_hash)?.small;
  const off = receipt && Math.abs(receipt.clock_off_s) > OFF_S_MAX;
  const at = receipt?.done_at ? Date.parse(receipt.done_at) : app.shownAt(entry.at_ms);
  const form = receipt?.outcome === "refused" && !entry.corrected && job ? formFor(entry.kind) : null;
  return h("li", { class: "ph-entry", "data-entry": entry.id, "data-kind": entry.kind, "data-state": kind },
    small ? h("img", { src: small, alt: "" }) : null,
    h("div", {},
      h("div", {}, h("strong", {}, kindWords(entry.kind)), " ", bodyWords(day, job, entry)),
      h("div", { class: "ph-soft" }, [clock(at), withJob && (job?.title ?? entry.job), off && t("phone's clock was wrong, corrected")].filter(Boolean).join(" · ")),
      h("div", { class: `ph-receipt ph-${kind}` }, words),
      receipt?.message ? h("div", { class: "ph-receipt-words" }, `${receipt.message} ${receipt.next_step}`) : null,
      form && job ? h("button", { type: "button", class: "btn ph-small", click: () => form(app, day, job, entry) }, t("Correct and send again")) : null));
}

export function entryList(app: App, day: Day, entries: readonly Entry[], withJob = false): HTMLElement {
  return h("ul", { class: "ph-entries" }, ...[...entries].reverse().map((entry) => row(app, day, entry, withJob)));
}
