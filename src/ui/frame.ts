/** The frame around the page: the menu on a phone, the boxes that drop down, the theme. */

function toggleMenu(open?: boolean): void {
  const root = document.documentElement;
  const now = open ?? root.dataset.menu !== "open";
  if (now) root.dataset.menu = "open";
  else delete root.dataset.menu;
  document.querySelector("button[data-menu-toggle]")?.setAttribute("aria-expanded", String(now));
}

function closeDropdowns(except?: Element | null): void {
  for (const box of document.querySelectorAll<HTMLDetailsElement>("details[data-dropdown][open]"))
    if (box !== except) box.open = false;
}

/** Change the theme at once; the form then only has to remember it. */
function chooseTheme(form: HTMLFormElement, wanted: string): void {
  const root = document.documentElement;
  root.dataset.theme = wanted;
  const dark = wanted === "dark" || (wanted === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.bsTheme = dark ? "dark" : "light";
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-theme-switch] button")) {
    if (button.value === wanted) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  const body = new FormData(form);
  body.set("theme", wanted);
  void fetch(form.action, { method: "POST", body, redirect: "manual" });
}

export function startFrame(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-menu-toggle]")) toggleMenu();
    closeDropdowns(target.closest("details[data-dropdown]"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    toggleMenu(false);
    closeDropdowns();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = event.submitter as HTMLButtonElement | null;
    if (!form.matches("[data-theme-switch]") || !button) return;
    event.preventDefault();
    chooseTheme(form, button.value);
  });
}
