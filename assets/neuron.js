// <neuron-response w="2" b="-1">: a neuron's response while its weight and bias are moved.
// One SVG and two native sliders, so the keyboard works; colors are the theme's; no dependencies.

const LEFT = 34, RIGHT = 434, TOP = 14, BOTTOM = 174, REACH = 4; // inputs −4 … 4
const across = (x) => LEFT + ((x + REACH) / (2 * REACH)) * (RIGHT - LEFT);
const up = (a) => BOTTOM - a * (BOTTOM - TOP);
const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const number = (v, digits = 1) => v.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");

const text = (x, y, words, anchor = "middle") =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;
const slider = (name, label) =>
  `<label style="display:flex;gap:.75em">${label}
    <input name="${name}" type="range" min="-6" max="6" step="0.1" style="flex:1"></label>`;

const FRAME = `
  <svg viewBox="0 0 440 214" role="img" aria-label="Response of a neuron against its input"
    fill="var(--pst-color-text-base)" font-size="13" style="display:block;width:100%">
    <path d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}M${LEFT} ${up(0.5)}H${RIGHT}"
      fill="none" stroke="var(--pst-color-border)"/>
    ${[-4, -2, 0, 2, 4].map((x) => text(across(x), BOTTOM + 17, number(x, 0))).join("")}
    ${[[0, "0"], [0.5, "½"], [1, "1"]].map(([a, s]) => text(LEFT - 8, up(a) + 4, s, "end")).join("")}
    ${text(across(0), BOTTOM + 36, "input x")}
    <g fill="none" stroke-linecap="round">
      <path class="tangent" stroke="var(--pst-color-secondary)" stroke-width="1.5" stroke-dasharray="5 5"/>
      <path class="curve" stroke="var(--pst-color-primary)" stroke-width="3"/></g>
    <circle r="5" fill="var(--pst-color-secondary)"/>
  </svg>
  ${slider("w", "weight w")}${slider("b", "bias b")}
  <output style="display:block;min-height:3.4em;margin-top:.5em"></output>`;

customElements.define("neuron-response", class extends HTMLElement {
  connectedCallback() {
    this.style.cssText = "display:block;max-width:36rem;margin:1.5rem 0";
    this.innerHTML = FRAME;
    for (const input of this.querySelectorAll("input")) input.value = this.getAttribute(input.name) ?? 1;
    this.addEventListener("input", this.draw);
    this.draw();
  }

  draw() {
    const [w, b] = [...this.querySelectorAll("input")].map((input) => +input.value);
    const [tangent, curve, dot] = [".tangent", ".curve", "circle"].map((s) => this.querySelector(s));
    const points = Array.from({ length: 201 }, (_, i) => -REACH + i / 25);
    curve.setAttribute("d", "M" + points.map((x) => `${across(x)} ${up(sigmoid(w * x + b))}`).join("L"));

    const threshold = -b / w, slope = w / 4, inside = w !== 0 && Math.abs(threshold) <= REACH;
    const half = Math.min(1.5, 0.5 / Math.abs(slope)); // how far the tangent reaches
    const end = (dx) => `${across(threshold + dx)} ${up(0.5 + slope * dx)}`;
    tangent.setAttribute("d", inside ? `M${end(-half)}L${end(half)}` : "");
    dot.setAttribute("transform", `translate(${inside ? across(threshold) : -9} ${up(0.5)})`);

    this.querySelector("output").textContent =
      `Response σ(${number(w)} x ${b < 0 ? "−" : "+"} ${number(Math.abs(b))}). ` + (w === 0
        ? `There is no threshold: the response is ${number(sigmoid(b), 2)} for every input.`
        : `Threshold −b/w = ${number(threshold, 2)}${inside ? "" : ", outside the picture"}; ` +
          `slope there w/4 = ${number(slope, 2)}.`);
  }
});
