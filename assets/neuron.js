// <neuron-response w="2" b="-1">: a neuron's response while its weight and bias are moved.
// One SVG and two native sliders, so the keyboard works; the colors are the theme's.
// A classic script, not a module: browsers refuse modules to a page that was opened from a folder.
{
  const LEFT = 34, RIGHT = 434, TOP = 14, BOTTOM = 174, REACH = 4; // inputs −4 … 4
  const across = (x) => LEFT + ((x + REACH) / (2 * REACH)) * (RIGHT - LEFT);
  const up = (a) => BOTTOM - a * (BOTTOM - TOP);
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  const number = (v, digits) => v.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");

  const text = (x, y, words) => `<text x="${x}" y="${y}">${words}</text>`;
  const slider = (name, label) =>
    `<label style="display:flex"><span style="flex:0 0 6em">${label}</span>
      <input name="${name}" type="range" min="-6" max="6" step="0.1" style="flex:1"></label>`;

  const FRAME = `
    <svg viewBox="0 0 440 214" role="img" aria-label="Response of a neuron against its input"
      text-anchor="middle" font-size="13" fill="var(--pst-color-text-base)">
      <path d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}M${LEFT} ${up(0.5)}H${RIGHT}"
        fill="none" stroke="var(--pst-color-border)"/>
      ${[-4, -2, 0, 2, 4].map((x) => text(across(x), BOTTOM + 17, number(x, 0))).join("")}
      ${[0, 0.5, 1].map((a) => text(LEFT - 15, up(a) + 4, a)).join("")}
      ${text(across(0), BOTTOM + 36, "input x")}
      <g fill="none"><path stroke="var(--pst-color-secondary)" stroke-width="2" stroke-dasharray="5 5"/>
        <path stroke="var(--pst-color-primary)" stroke-width="3"/></g>
      <circle r="5" fill="var(--pst-color-secondary)"/>
    </svg>
    ${slider("w", "weight w")}${slider("b", "bias b")}
    <output style="display:block;min-height:3.3em"></output>`;

  customElements.define("neuron-response", class extends HTMLElement {
    connectedCallback() {
      this.style.cssText = "display:block;max-width:36rem;margin:1.5rem 0";
      this.innerHTML = FRAME;
      for (const input of this.querySelectorAll("input")) input.value = this.getAttribute(input.name);
      this.addEventListener("input", this.draw);
      this.draw();
    }

    draw() {
      const [w, b] = [...this.querySelectorAll("input")].map((input) => +input.value);
      const [tangent, curve] = this.querySelectorAll("g path");
      const points = Array.from({ length: 201 }, (_, i) => -REACH + i / 25);
      curve.setAttribute("d", "M" + points.map((x) => [across(x), up(sigmoid(w * x + b))]).join("L"));

      const threshold = -b / w, slope = w / 4, shown = Math.abs(threshold) <= REACH;
      const half = Math.min(1.5, 0.5 / Math.abs(slope)); // how far the tangent reaches
      const end = (dx) => [across(threshold + dx), up(0.5 + slope * dx)];
      tangent.setAttribute("d", shown ? `M${end(-half)}L${end(half)}` : "");
      this.querySelector("circle").setAttribute(
        "transform", `translate(${shown ? across(threshold) : -9} ${up(0.5)})`);

      const response = `Response σ(${number(w, 1)} x ${b < 0 ? "−" : "+"} ${number(Math.abs(b), 1)}). `;
      this.querySelector("output").textContent = response + (w === 0
        ? `No threshold: the response is ${number(sigmoid(b), 2)} for every input.`
        : `Threshold −b/w = ${number(threshold, 2)}${shown ? "" : ", outside the picture"}; ` +
          `slope there w/4 = ${number(slope, 2)}.`);
    }
  });
}
