/**
 * Dragging by mouse, pen or finger, by pointer events.
 *
 * A mouse drags once it has moved a little. A finger scrolls as everywhere; it drags after it has rested on the element,
 * or at once by a grip (`[data-grip]`, whose style says `touch-action: none`).
 */
import { h } from "@ui/dom";

export interface Drop {
  /** What is under the pointer, to be marked; null where nothing can be dropped. */
  over(x: number, y: number): HTMLElement | null;
  drop(target: HTMLElement, x: number, y: number): void;
}

export const HELD = "fw-held";
export const DRAG_PX = 6;
export const REST_MS = 320;
const STRAY_PX = 10;
const EDGE_PX = 70;
const SCROLL_PX = 14;

function scrollerOf(el: HTMLElement | null): HTMLElement | null {
  for (let one = el; one; one = one.parentElement) {
    const style = getComputedStyle(one);
    if (/(auto|scroll)/.test(style.overflowY) && one.scrollHeight > one.clientHeight) return one;
  }
  return null;
}

/** One press of the pointer that may become a drag. */
class Press {
  private ghost: HTMLElement | undefined;
  private marked: HTMLElement | null = null;
  private rest = 0;
  private frame = 0;
  private x: number;
  private y: number;

  constructor(private readonly el: HTMLElement, private readonly down: PointerEvent, private readonly words: string, private readonly target: Drop) {
    [this.x, this.y] = [down.clientX, down.clientY];
    const byGrip = (down.target as HTMLElement).closest("[data-grip]") !== null;
    if (down.pointerType !== "mouse" && !byGrip) this.rest = window.setTimeout(() => this.lift(), REST_MS);
    else if (byGrip && down.pointerType !== "mouse") this.lift();
    // What is held stays in the page whatever is drawn anew, or the finger would lose it.
    el.classList.add(HELD);
    window.addEventListener("pointermove", this.move);
    window.addEventListener("pointerup", this.up);
    window.addEventListener("pointercancel", this.cancel);
    window.addEventListener("keydown", this.key);
    // Once lifted, the finger no longer scrolls: that can only be said to touch events, and not afterwards.
    el.addEventListener("touchmove", this.hold, { passive: false });
    el.addEventListener("contextmenu", this.quiet);
  }

  private readonly hold = (event: Event) => { if (this.ghost) event.preventDefault(); };
  private readonly quiet = (event: Event) => event.preventDefault();

  private lift(): void {
    window.clearTimeout(this.rest);
    this.ghost = document.body.appendChild(h("div", { class: "fw-ghost" }, this.words));
    this.el.classList.add("fw-lifted");
    document.documentElement.classList.add("fw-dragging");
    if (this.down.pointerType !== "mouse") navigator.vibrate?.(15);
    this.show();
    this.frame = requestAnimationFrame(this.roll);
  }

  private readonly move = (event: PointerEvent) => {
    if (event.pointerId !== this.down.pointerId) return;
    [this.x, this.y] = [event.clientX, event.clientY];
    const strayed = Math.hypot(this.x - this.down.clientX, this.y - this.down.clientY);
    // A busy page tells moves late and sets timers off late: the finger's own clock says whether it rested.
    const rested = event.timeStamp - this.down.timeStamp >= REST_MS;
    if (this.rest && !rested && strayed > STRAY_PX) return this.end();
    if (!this.ghost) {
      if (strayed <= (this.rest ? STRAY_PX : DRAG_PX)) return;
      this.lift();
    }
    this.show();
    event.preventDefault();
  };

  private show(): void {
    if (!this.ghost) return;
    this.ghost.style.left = `${Math.min(this.x + 10, window.innerWidth - 180)}px`;
    this.ghost.style.top = `${this.y + (this.down.pointerType === "mouse" ? 10 : -46)}px`;
    const over = this.target.over(this.x, this.y);
    if (over === this.marked) return;
    this.marked?.classList.remove("fw-over");
    over?.classList.add("fw-over");
    this.marked = over;
  }

  /** Near an edge what lies beyond it comes nearer, in the box under the pointer and in the page. */
  private readonly roll = () => {
    if (!this.ghost) return;
    const box = scrollerOf(document.elementFromPoint(this.x, this.y) as HTMLElement | null);
    const edges = box ? box.getBoundingClientRect() : { top: 0, bottom: window.innerHeight };
    const up = this.y < Math.max(edges.top, 0) + EDGE_PX;
    const down = this.y > Math.min(edges.bottom, window.innerHeight) - EDGE_PX;
    if (up !== down) {
      const step = up ? -SCROLL_PX : SCROLL_PX;
      const before = box?.scrollTop;
      if (box) box.scrollTop += step;
      if (!box || box.scrollTop === before) window.scrollBy(0, step);
      this.show();
    }
    this.frame = requestAnimationFrame(this.roll);
  };

  private readonly up = (event: PointerEvent) => {
    if (event.pointerId !== this.down.pointerId) return;
    const target = this.ghost ? this.target.over(event.clientX, event.clientY) : null;
    const dragged = this.ghost !== undefined;
    this.end();
    if (!dragged) return;
    // The click that ends a drag must not choose the job as well; where none comes, nothing is to be kept back later.
    const swallow = (click: Event) => click.stopImmediatePropagation();
    this.el.addEventListener("click", swallow, { once: true, capture: true });
    window.setTimeout(() => this.el.removeEventListener("click", swallow, { capture: true }), 50);
    if (target) this.target.drop(target, event.clientX, event.clientY);
  };

  private readonly cancel = () => this.end();
  private readonly key = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !this.ghost) return;
    event.stopPropagation();
    this.end();
  };

  private end(): void {
    window.clearTimeout(this.rest);
    cancelAnimationFrame(this.frame);
    this.ghost?.remove();
    this.ghost = undefined;
    this.marked?.classList.remove("fw-over");
    this.el.classList.remove(HELD, "fw-lifted");
    document.documentElement.classList.remove("fw-dragging");
    window.removeEventListener("pointermove", this.move);
    window.removeEventListener("pointerup", this.up);
    window.removeEventListener("pointercancel", this.cancel);
    window.removeEventListener("keydown", this.key);
    this.el.removeEventListener("touchmove", this.hold);
    this.el.removeEventListener("contextmenu", this.quiet);
  }
}

/** Let an element be dragged. */
export function draggable(el: HTMLElement, words: () => string, target: Drop): void {
  el.addEventListener("pointerdown", (down) => {
    if (down.button === 0 && down.isPrimary) new Press(el, down, words(), target);
  });
}
