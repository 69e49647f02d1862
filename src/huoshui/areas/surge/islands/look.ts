/**
 * The look of pages about waves, and the button that prints one.
 *
 *     {% island "surge/look" %} ... <button type="button" data-print>
 */
import "./lib/surge.css";

export function start(): () => void {
  const print = (event: Event) => {
    if ((event.target as HTMLElement).closest("[data-print]")) window.print();
  };
  document.addEventListener("click", print);
  return () => document.removeEventListener("click", print);
}
