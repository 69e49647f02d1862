/**
 * A signature drawn with a pen, a finger or a mouse, sent with the form as a picture.
 *
 * `{% island "cases/signature" props %}` inside a form, with the id of the hidden field that takes
 * it: `{"input": "id_signature"}`. What was drawn before a form was refused is drawn again.
 */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";
import "./cases.css";

const WIDTH_PX = 900;
const HEIGHT_PX = 300;
const PEN_PX = 4;
const PAPER = "#ffffff";
const INK = "#14202c";

function clear(paper: CanvasRenderingContext2D): void {
  paper.fillStyle = PAPER;
  paper.fillRect(0, 0, WIDTH_PX, HEIGHT_PX);
}

/** Where the pen is on the paper, whatever size the page shows it in. */
export function place(rect: { left: number; top: number; width: number; height: number }, x: number, y: number): [number, number] {
  return [((x - rect.left) / (rect.width || 1)) * WIDTH_PX, ((y - rect.top) / (rect.height || 1)) * HEIGHT_PX];
}

export function start(el: HTMLElement, given: unknown): void {
  const input = document.getElementById((given as { input: string }).input) as HTMLInputElement;
  const canvas = h("canvas", { class: "cs-signature", width: WIDTH_PX, height: HEIGHT_PX, role: "img", "aria-label": t("Signature"), tabindex: 0 });
  const again = h("button", { type: "button", class: "btn btn-sm" }, t("Sign again"));
  el.append(canvas, again);
  const paper = canvas.getContext("2d");
  if (!paper) throw new Error("this browser cannot draw");
  clear(paper);
  if (input.value) {
    const drawn = new Image();
    drawn.onload = () => paper.drawImage(drawn, 0, 0);
    drawn.src = input.value;
  }
  let down = false;
  const at = (event: PointerEvent) => place(canvas.getBoundingClientRect(), event.clientX, event.clientY);
  canvas.addEventListener("pointerdown", (event: PointerEvent) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    down = true;
    paper.strokeStyle = INK;
    paper.lineWidth = PEN_PX;
    paper.lineCap = paper.lineJoin = "round";
    paper.beginPath();
    const [x, y] = at(event);
    paper.moveTo(x, y);
    // A dot is a stroke too.
    paper.lineTo(x + 0.1, y);
    paper.stroke();
  });
  canvas.addEventListener("pointermove", (event: PointerEvent) => {
    if (!down) return;
    const [x, y] = at(event);
    paper.lineTo(x, y);
    paper.stroke();
  });
  const lift = () => {
    if (!down) return;
    down = false;
    input.value = canvas.toDataURL("image/png");
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  again.addEventListener("click", () => {
    clear(paper);
    input.value = "";
  });
}
