/** Keys for people who work in lists all day: / j k x Enter ? and g with a letter; rows open by a click. */
import { tickCurrent } from "./selection";

/** How long after g the letter may come. */
const GO_MS = 1500;
let goUntil = 0;

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, select, textarea, [contenteditable]");
}

function rows(): HTMLTableRowElement[] {
  return [...document.querySelectorAll<HTMLTableRowElement>("table[data-rows] tbody tr")];
}

function move(step: number): void {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("hs-row-current"));
  const next = all[Math.min(Math.max(at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step, 0), all.length - 1)];
  all[at]?.classList.remove("hs-row-current");
  next?.classList.add("hs-row-current");
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function open(row: HTMLElement | null | undefined, aside = false): void {
  const url = row?.dataset.href;
  if (!url) return;
  if (aside) window.open(url, "_blank", "noopener");
  else window.location.assign(url);
}

/** Where g and a letter lead: the help of keys lists the places that this reader may open. */
function goTo(key: string): boolean {
  const place = [...document.querySelectorAll<HTMLElement>("#keyboard-help [data-go]")].find((one) => one.dataset.go === key);
  if (place?.dataset.url) window.location.assign(place.dataset.url);
  return Boolean(place);
}

export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (typing(event.target)) {
    if (event.key === "Escape") (event.target as HTMLElement).blur();
    return;
  }
  const search = document.querySelector<HTMLInputElement>("[data-search]");
  const help = document.getElementById("keyboard-help") as HTMLDialogElement | null;
  const inRows = Boolean(document.querySelector("table[data-rows]"));
  if (performance.now() < goUntil) {
    goUntil = 0;
    if (!goTo(event.key)) return;
  } else if (event.key === "g") goUntil = performance.now() + GO_MS;
  else if (event.key === "/" && search) {
    search.focus();
    search.select();
  } else if (event.key === "?" && help) help.showModal();
  else if (inRows && (event.key === "j" || event.key === "ArrowDown")) move(1);
  else if (inRows && (event.key === "k" || event.key === "ArrowUp")) move(-1);
  else if (inRows && event.key === "x" && tickCurrent()) move(0);
  else if (event.key === "Enter" && (event.target as HTMLElement).matches?.("tr[data-href]"))
    open(event.target as HTMLElement);
  else return;
  event.preventDefault();
}

function onClick(event: MouseEvent): void {
  const target = event.target as Element;
  if (event.defaultPrevented || target.closest("a, button, input, label, select, summary")) return;
  // Somebody who marks text to copy it does not want to leave the page.
  if (window.getSelection()?.toString()) return;
  open(target.closest<HTMLElement>("tr[data-href]"), event.ctrlKey || event.metaKey);
}

export function startKeyboard(): void {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
}
