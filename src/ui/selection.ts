/**
 * Rows that are ticked: across the pages of a list, as long as its filters stay, and what is done
 * with them. The form of the deeds carries the keys of rows that other pages show.
 */
import { ask } from "./forms";
import { number } from "./format";
import { t, tn } from "./i18n";

let chosen = new Set<string>();
let everything = false;
let filter = "";

/** What narrows a list, whatever its page and order: while it stays, the selection does too. */
export function filterOf(search: string): string {
  const query = new URLSearchParams(search);
  for (const name of ["page", "sort", "view", "cols"]) query.delete(name);
  query.sort();
  return query.toString();
}

function form(): HTMLFormElement | null {
  return document.querySelector<HTMLFormElement>("[data-bulk]");
}

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>('input[name="id"][form="bulk"]')];
}

/** How many rows are chosen, in the reader's words; a list that was not counted to its end says so. */
export function shownCount(count: number, all: boolean, total: string): string {
  if (!all) return number(count, 0);
  const counted = number(Number.parseInt(total, 10), 0);
  return total.endsWith("+") ? t("more than {n}", { n: counted }) : counted;
}

function count(): string {
  return shownCount(chosen.size, everything, form()?.dataset.total ?? "0");
}

function show(): void {
  const bulk = form();
  if (!bulk) return;
  for (const box of boxes()) {
    box.checked = everything || chosen.has(box.value);
    box.closest("tr")?.classList.toggle("hs-row-chosen", box.checked);
  }
  const some = everything || chosen.size > 0;
  bulk.hidden = !some;
  const said = bulk.querySelector("[data-bulk-count]");
  if (said) said.textContent = tn("{count} row selected", "{count} rows selected", everything ? 2 : chosen.size, { count: count() });
  const page = document.querySelector<HTMLInputElement>("[data-bulk-page]");
  if (page) {
    const all = boxes();
    page.checked = all.length > 0 && all.every((box) => box.checked);
    page.indeterminate = !page.checked && all.some((box) => box.checked);
  }
}

function clear(): void {
  chosen = new Set();
  everything = false;
}

/** The list came anew: keep what was chosen, unless it is another list now. */
function settle(): void {
  const now = `${window.location.pathname}?${filterOf(window.location.search)}`;
  if (now !== filter) clear();
  filter = now;
  show();
}

function onChange(event: Event): void {
  const box = event.target as HTMLInputElement;
  if (box.matches("[data-bulk-page]")) {
    everything = false;
    for (const one of boxes()) box.checked ? chosen.add(one.value) : chosen.delete(one.value);
  } else if (box.matches('input[name="id"][form="bulk"]')) {
    if (everything) {
      everything = false;
      chosen = new Set(boxes().map((one) => one.value));
    }
    box.checked ? chosen.add(box.value) : chosen.delete(box.value);
  } else return;
  show();
}

function onClick(event: MouseEvent): void {
  const target = event.target as Element;
  if (target.closest("[data-bulk-all]")) everything = true;
  else if (target.closest("[data-bulk-none]")) clear();
  else return;
  show();
}

/** Put the keys of rows that are chosen but not on this page into the form, and ask. */
function onSubmit(event: SubmitEvent): void {
  const bulk = event.target as HTMLFormElement;
  const button = event.submitter as HTMLButtonElement | null;
  if (!bulk.matches("[data-bulk]") || !button) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const question = (button.dataset.question ?? "").replaceAll("{n}", count());
  void ask(question).then((yes) => {
    if (!yes) return;
    const here = new Set(boxes().map((box) => box.value));
    const inputs = [["bulk", button.value], ["everything", everything ? "1" : ""]];
    if (!everything) for (const key of chosen) if (!here.has(key)) inputs.push(["id", key]);
    for (const [name, value] of inputs) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name as string;
      input.value = value as string;
      if (name === "everything") bulk.querySelector('[name="everything"]')?.remove();
      bulk.append(input);
    }
    if (everything) for (const box of boxes()) box.disabled = true;
    bulk.submit();
  });
}

/** Tick the row that the keys stand on. */
export function tickCurrent(): boolean {
  const box = document.querySelector<HTMLInputElement>("tr.hs-row-current input[name=id]");
  if (!box) return false;
  box.click();
  return true;
}

/** Move a column of the box of columns earlier or later. */
function onMove(event: MouseEvent): void {
  const button = (event.target as Element).closest<HTMLElement>("[data-move]");
  const item = button?.closest("li");
  if (!button || !item) return;
  const earlier = Number(button.dataset.move) < 0;
  const other = earlier ? item.previousElementSibling : item.nextElementSibling;
  if (earlier) other?.before(item);
  else other?.after(item);
  button.focus();
}

export function startSelection(): void {
  document.addEventListener("change", onChange);
  document.addEventListener("click", onClick);
  document.addEventListener("click", onMove);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("htmx:after:swap", settle);
  window.addEventListener("pageshow", settle);
  settle();
}
