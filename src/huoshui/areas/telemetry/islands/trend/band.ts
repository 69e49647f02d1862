/** Opens the number behind the expected band: the formula, and the earlier hours of one hour. */
import { h } from "@ui/dom";
import { getJson } from "@ui/fetch";
import { moment, number } from "@ui/format";
import { t } from "@ui/i18n";
import { bandAt, type Line, type SentBand } from "./columns";

const HOUR_MS = 3_600_000;

/** Fill `into` with how the band of the newest whole hour before `until_ms` is made. */
export async function explain(into: HTMLElement, url: string, line: Line, until_ms: number, band: SentBand | null): Promise<void> {
  const at = Math.floor(until_ms / HOUR_MS) * HOUR_MS - HOUR_MS;
  const query = new URLSearchParams({ point: line.code, at: new Date(at).toISOString() });
  const earlier = await getJson<{ at: string; value: number | null }[]>(`${url}?${query}`);
  const found = bandAt(band, at + HOUR_MS / 2);
  const body = earlier.map((one) => h("tr", {}, h("td", {}, moment(one.at)), h("td", { class: "hs-number" }, number(one.value, line.decimals))));
  into.replaceChildren(
    h("p", {}, t("The middle is the median of the hourly means of the same hour in the eight weeks before. Half the width is 3 × 1.4826 × the median distance from it, over that hour and its two neighbours. With fewer than four known weeks there is no band.")),
    h("p", {}, found
      ? t("Hour of {at}: {low} … {high}, middle {middle} {unit}.", { at: moment(at), low: number(found[0], line.decimals), high: number(found[2], line.decimals), middle: number(found[1], line.decimals), unit: line.unit })
      : t("There is no band for the hour of {at}.", { at: moment(at) })),
    h("table", { class: "table table-sm" }, h("thead", {}, h("tr", {}, h("th", {}, t("The same hour before")), h("th", { class: "hs-number" }, `${t("Mean of the hour")} [${line.unit}]`))), h("tbody", {}, ...body)),
  );
}
