/** The menu: its blocks stay closed as they were left, its lines are found by typing. */

const COOKIE = "hs_menu_closed";
const A_YEAR_S = 365 * 24 * 3600;

const groups = () => [...document.querySelectorAll<HTMLDetailsElement>("[data-menu-group]")];

function remember(): void {
  const closed = groups().filter((group) => !group.open);
  const codes = closed.map((group) => group.dataset.menuGroup).join(".");
  document.cookie = `${COOKIE}=${codes}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
}

/** Show the lines that hold what was typed, in blocks that are open meanwhile. */
function find(typed: string, openBefore: Set<Element>): void {
  const wanted = typed.trim().toLowerCase();
  for (const group of groups()) {
    let some = false;
    for (const line of group.querySelectorAll<HTMLElement>("li")) {
      line.hidden = !(line.textContent ?? "").toLowerCase().includes(wanted);
      some ||= !line.hidden;
    }
    group.hidden = !some;
    group.open = wanted !== "" || openBefore.has(group);
  }
}

export function startMenu(): void {
  const menu = document.getElementById("menu");
  if (!menu) return;
  menu.querySelector("[aria-current]")?.scrollIntoView?.({ block: "nearest" });
  // A click on the heading comes before the block opens or closes.
  menu.addEventListener("click", (event) => {
    if ((event.target as Element).closest("summary")) setTimeout(remember);
  });
  const box = menu.querySelector<HTMLInputElement>("[data-menu-search]");
  if (!box) return;
  const openBefore = new Set<Element>();
  box.addEventListener("focus", () => {
    if (box.value) return;
    openBefore.clear();
    for (const group of groups()) if (group.open) openBefore.add(group);
  });
  box.addEventListener("input", () => find(box.value, openBefore));
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !box.value.trim()) return;
    menu.querySelector<HTMLAnchorElement>("details:not([hidden]) li:not([hidden]) a")?.click();
  });
}
