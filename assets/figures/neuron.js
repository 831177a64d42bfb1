// <figure-neuron>: the response of a neuron with one input while weight and bias are moved.
{
  const { response, responseSlope, threshold } = arithmetic.neuron;
  const LEFT = 52, RIGHT = 392, TOP = 12, BOTTOM = 190, REACH = 4; // inputs −4 … 4
  const SHOWN = { sigmoid: [0, 0.5, 1], tanh: [-1, 0, 1], relu: [0, 1, 2], silu: [0, 1, 2] };
  const SYMBOL = { sigmoid: "σ", tanh: "tanh", relu: "ReLU", silu: "SiLU" };
  const across = (x) => LEFT + ((x + REACH) / (2 * REACH)) * (RIGHT - LEFT);
  const words = (value) => number(value, 1);

  customElements.define("figure-neuron", class extends InteractiveFigure {
    static controls = [
      { name: "w", label: "weight w", min: -6, max: 6, step: 0.1, value: 2, words },
      { name: "b", label: "bias b", min: -6, max: 6, step: 0.1, value: -1, words },
      {
        name: "f", label: "activation", value: "sigmoid",
        options: [["sigmoid", "sigmoid"], ["tanh", "tanh"], ["relu", "ReLU"], ["silu", "SiLU"]],
      },
    ];

    build(stage) {
      this.axes = svg("g", { class: "axes" });
      this.curve = svg("path", { class: "line first" });
      this.tangent = svg("path", { class: "line second dashed" });
      this.dot = svg("circle", { r: 5, class: "dot second" });
      const window = svg("svg", { x: LEFT, y: TOP - 6, width: RIGHT - LEFT, height: BOTTOM - TOP + 12,
        viewBox: `${LEFT} ${TOP - 6} ${RIGHT - LEFT} ${BOTTOM - TOP + 12}` });
      window.append(this.tangent, this.curve, this.dot);
      const drawing = svg("svg", { viewBox: "0 0 400 228", role: "img",
        "aria-label": this.getAttribute("alt") });
      drawing.append(this.axes, window);
      stage.append(drawing);
    }

    draw() {
      const { w, b, f } = this.values;
      const [low, , high] = SHOWN[f];
      const up = (a) => BOTTOM - ((a - low) / (high - low)) * (BOTTOM - TOP);
      const label = (x, y, text) => svg("text", { x, y }, text);
      this.axes.replaceChildren(
        svg("path", { d: `M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}` }),
        svg("path", { d: `M${LEFT} ${up(SHOWN[f][1])}H${RIGHT}`, class: "grid" }),
        ...[-4, -2, 0, 2, 4].map((x) => label(across(x), BOTTOM + 17, number(x, 0))),
        ...SHOWN[f].map((a) => label(LEFT - 18, up(a) + 4, number(a, a % 1 ? 1 : 0))),
        label(across(0), BOTTOM + 35, "input x"),
        svg("text", { transform: `translate(14 ${(TOP + BOTTOM) / 2}) rotate(-90)` }, "response a"),
      );

      const inputs = Array.from({ length: 241 }, (_, i) => -REACH + i / 30);
      this.curve.setAttribute("d", path(inputs.map((x) => [across(x), up(response(f, w, b, x))])));

      const at = threshold(w, b), slope = responseSlope(f, w, b, at);
      const shown = Math.abs(at) <= REACH && f !== "relu", middle = response(f, w, b, at);
      const half = Math.min(1.5, (0.5 * (high - low)) / Math.abs(slope));
      const end = (dx) => [across(at + dx), up(middle + slope * dx)];
      this.tangent.setAttribute("d", shown ? path([end(-half), end(half)]) : "");
      this.dot.setAttribute("visibility", Math.abs(at) <= REACH ? "visible" : "hidden");
      if (w !== 0) this.dot.setAttribute("transform", `translate(${across(at)} ${up(middle)})`);
    }

    describe() {
      const { w, b, f } = this.values, at = threshold(w, b);
      const said = `Response ${SYMBOL[f]}(${number(w, 1)} x ${b < 0 ? "−" : "+"} ${number(Math.abs(b), 1)}). `;
      if (w === 0) {
        return `${said}No threshold: the response is ${number(response(f, w, b, 0))} for every input.`;
      }
      const outside = Math.abs(at) <= REACH ? "" : ", outside the picture";
      const slope = { sigmoid: "w/4", tanh: "w", silu: "w/2" }[f];
      return `${said}Threshold −b/w = ${number(at)}${outside}; ` + (f === "relu"
        ? `a kink there: on one side the slope is 0, on the other ${number(w, 1)}.`
        : `slope there ${slope} = ${number(responseSlope(f, w, b, at))}.`);
    }
  });
}
