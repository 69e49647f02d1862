/** The look of the pages of announcements: `{% island "announcements/look" %}` once on a page. */
import "./lib/announcements.css";

export function start(el: HTMLElement): void {
  el.hidden = true;
}
