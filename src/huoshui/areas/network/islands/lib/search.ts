/** The search box of the map: type, arrows, Enter; the map flies to what was chosen. */
import { getJson } from "@ui/fetch";
import { t } from "@ui/i18n";
import { h, icon } from "./dom";
import type { FoundGiven } from "./types";

const WAIT_MS = 140;

export function searchBox(
  url: string,
  kinds: Record<string, string>,
  choose: (found: FoundGiven) => void,
): HTMLElement {
  const list = h("ul", { class: "nw-found", role: "listbox", id: "nw-found", hidden: true });
  const input = h("input", {
    type: "search", class: "nw-search-input", placeholder: t("Find an asset, zone, address or customer"),
    "aria-label": t("Find an asset, zone, address or customer"), role: "combobox", "aria-expanded": "false",
    "aria-controls": "nw-found", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false",
    "data-search": true,
  });
  let hits: FoundGiven[] = [];
  let at = -1;
  let timer = 0;
  let running: AbortController | undefined;

  const mark = (next: number) => {
    at = next;
    [...list.children].forEach((row, index) => {
      row.setAttribute("aria-selected", String(index === at));
      if (index === at) row.scrollIntoView({ block: "nearest" });
    });
    if (at >= 0) input.setAttribute("aria-activedescendant", `nw-found-${at}`);
    else input.removeAttribute("aria-activedescendant");
  };
  const open = (shown: boolean) => {
    list.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
  };
  const take = (found: FoundGiven) => {
    input.value = found.code;
    open(false);
    input.blur();
    choose(found);
  };
  const show = () => {
    list.replaceChildren(
      ...hits.map((found, index) =>
        h("li", { role: "option", id: `nw-found-${index}`, "aria-selected": "false",
                  mousedown: (event: MouseEvent) => { event.preventDefault(); take(found); } },
          h("b", {}, found.code), found.name ? h("span", {}, found.name) : null,
          h("small", {}, kinds[found.kind] ?? found.kind)),
      ),
    );
    if (!hits.length) list.append(h("li", { class: "nw-found-none" }, t("Nothing has this code.")));
    mark(-1);
    open(true);
  };
  const look = async (text: string): Promise<void> => {
    running?.abort();
    running = new AbortController();
    try {
      hits = await getJson<FoundGiven[]>(`${url}?q=${encodeURIComponent(text)}`, { signal: running.signal, quiet: true });
      if (input.value.trim() === text) show();
    } catch {
      // The next letter asks again.
    }
  };
  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    const text = input.value.trim();
    if (!text) {
      hits = [];
      open(false);
      return;
    }
    timer = window.setTimeout(() => void look(text), WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      // Below the last comes the first, above the first the last; of nothing, nothing.
      const next = event.key === "ArrowDown" ? at + 1 : at <= 0 ? hits.length - 1 : at - 1;
      mark(hits.length ? next % hits.length : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const text = input.value.trim();
      // Enter right after typing must not act on the hits of the letters before.
      const ready = hits[Math.max(at, 0)];
      if (ready && !list.hidden && (at >= 0 || ready.code.toLowerCase().includes(text.toLowerCase()))) take(ready);
      else if (text) void look(text).then(() => hits[0] && input.value.trim() === text && take(hits[0]));
    } else if (event.key === "Escape") {
      if (list.hidden) input.value = "";
      open(false);
    }
  });
  input.addEventListener("blur", () => open(false));
  input.addEventListener("focus", () => hits.length && input.value && open(true));
  return h("div", { class: "nw-search" }, icon("search"), input, list);
}
