// <figure-graph>: a computation graph that steps forward (values) and backward (gradients).
{
  const { programs, values, messages, gradients } = arithmetic.graph;
  const WIDE = 112, HIGH = 58;
  const NEURON = { // the center of each node
    w: [62, 40], x: [200, 40], p: [131, 124], b: [338, 124], z: [234, 208],
    a: [234, 292], t: [62, 376], e: [234, 460], L: [234, 544],
  };
  const PLACES = {
    worked: { a: [200, 60], b: [110, 200], c: [290, 320], d: [200, 460] },
    sigmoid: NEURON, relu: NEURON, shared: NEURON,
  };
  const FORMULAS = {
    worked: { b: "a·a", c: "b + a", d: "b·c" },
    sigmoid: { p: "w·x", z: "p + b", a: "σ(z)", e: "a − t", L: "e²" },
    relu: { p: "w·x", z: "p + b", a: "ReLU(z)", e: "a − t", L: "e²" },
    shared: { p: "w·x", z: "p + b", a: "w·z", e: "a − t", L: "e²" },
  };
  const words = (value) => number(value, 1);
  const leaf = (name, label, value) => ({ name, label, min: -3, max: 3, step: 0.1, value, words });

  customElements.define("figure-graph", class extends InteractiveFigure {
    static controls = [
      {
        name: "program", label: "program", value: "worked",
        options: [
          ["worked", "d = b·c, c = b + a, b = a·a"], ["sigmoid", "loss of a sigmoid neuron"],
          ["relu", "loss of a ReLU neuron"], ["shared", "a weight used twice"],
        ],
      },
      { name: "step", label: "step", min: 0, max: 11, step: 1, value: 0 },
      leaf("a", "input a", 2), leaf("w", "weight w", 1.5), leaf("x", "input x", 1),
      leaf("b", "bias b", -0.5), leaf("t", "target t", 0),
    ];

    build(stage) {
      const name = `${this.key}-arrow`;
      const arrow = svg("marker", { id: name, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9,
        markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto-start-reverse",
        class: "graph-arrow" });
      arrow.append(svg("path", { d: "M0 0L8 4L0 8z" }));
      this.arrow = `url(#${name})`;
      this.edges = svg("g", { class: "graph-edges" });
      this.nodes = svg("g");
      this.drawing = svg("svg", { role: "img", "aria-label": this.getAttribute("alt") });
      this.drawing.append(svg("defs", {}, arrow), this.edges, this.nodes);
      stage.append(this.drawing);
      const go = (step) => this.update({ step: Math.max(0, Math.min(this.steps, step)) });
      [this.back, this.forward] = this.addButtons({
        Back: () => go(this.values.step - 1),
        Step: () => go(this.values.step + 1),
        "All the way": () => go(this.steps),
      });
    }

    changed(name) {
      if (name === "program") this.values.step = 0;
      this.restored();
    }

    restored() {
      const { program } = this.values;
      for (const name of "awxbt") {
        const used = name in PLACES[program] && !(name in FORMULAS[program]);
        this.inputs[name].input.parentElement.hidden = !used;
      }
      this.order = programs[program].map(([node]) => node);
      this.steps = 2 * this.order.length + 1; // values, the first 1, and each node's messages
      this.values.step = Math.min(this.values.step, this.steps);
      this.inputs.step.input.max = this.steps;
      this.inputs.step.words = (step) => `${step} of ${this.steps}`;
    }

    /** What is known at the present step. */
    get state() {
      const { program, step } = this.values, leaves = {};
      for (const name of "awxbt") {
        if (!this.inputs[name].input.parentElement.hidden) leaves[name] = this.values[name];
      }
      const order = this.order, result = order.at(-1);
      const forward = Math.min(step, order.length);
      const sending = Math.max(0, step - order.length - 1); // nodes that have sent their messages
      const senders = [...order].reverse();
      const all = messages(program, leaves);
      const sent = all.filter(({ from }) => senders.indexOf(from) < sending);
      return {
        result, forward, sent, sender: senders[sending - 1], node: order[forward - 1],
        known: new Set([...Object.keys(leaves), ...order.slice(0, forward)]),
        values: values(program, leaves),
        gradients: step > order.length ? gradients(program, leaves, sent.length) : {},
      };
    }

    draw() {
      const { program, step } = this.values, state = this.state;
      this.back.ariaDisabled = step === 0;
      this.forward.ariaDisabled = step === this.steps;
      this.drawing.setAttribute("viewBox", program === "worked" ? "0 0 400 500" : "0 0 400 580");
      this.edges.replaceChildren();
      for (const [to, , ...inputs] of programs[program]) {
        inputs.forEach((from, i) => this.drawEdge(from, to, i, inputs[0] === inputs[1], state));
      }
      this.nodes.replaceChildren(
        ...Object.keys(PLACES[program]).map((node) => this.drawNode(node, state)));
    }

    /** The arrow from an input to a node; `twin` if the node takes the same input twice. */
    drawEdge(from, to, i, twin, { sent, sender }) {
      const places = PLACES[this.values.program], [x0, y0] = places[from], [x1, y1] = places[to];
      const mine = sent.filter((each) => each.from === to && each.to === from);
      const message = mine[twin ? i : 0];
      const around = from === "w" && to === "a"; // past p and z
      const lean = (dx) => Math.max(-0.4, Math.min(0.4, dx / 250)) * WIDE;
      const apart = twin ? (i - 0.5) * 44 : 0;
      const within = (dx) => Math.max(12 - WIDE / 2, Math.min(WIDE / 2 - 12, dx)); // of the box
      const start = [x0 + within(lean(x1 - x0) + apart), y0 + HIGH / 2 + 2];
      const end = [x1 + within(lean(x0 - x1) + apart), y1 - HIGH / 2 - 2];
      const line = around
        ? `M22 ${start[1]}V${y1 - 20}Q22 ${y1} 42 ${y1}H${x1 - WIDE / 2 - 2}`
        : `M${start}L${end}`;
      const edge = svg("path", { d: line, class: message ? "line second" : "line plain" });
      edge.setAttribute(message ? "marker-start" : "marker-end", this.arrow);
      if (message && to === sender) edge.classList.add("now");
      this.edges.append(edge);
      if (!message) return;
      const side = around ? 0 : (twin ? i === 0 : x1 > x0) ? -1 : 1;
      const [x, y] = around ? [108, y1 - 8] : [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 5];
      const below = !around && Math.abs(x1 - x0) > y1 - y0 - HIGH ? 12 : 0; // a flat arrow
      const anchor = { 0: "middle", "-1": "end", 1: "start" }[side];
      this.edges.append(svg("text", { x: x + 10 * side, y: y + below, class: "gradient",
        style: `text-anchor: ${anchor}` }, short(message.amount)));
    }

    drawNode(node, { known, values, gradients, sender, node: last, result }) {
      const { program } = this.values, [x, y] = PLACES[program][node];
      const formula = FORMULAS[program][node], now = node === (sender ?? last);
      const group = svg("g", { class: now ? "graph-node now" : "graph-node" });
      const line = (dy, className, text) => svg("text", { x, y: y + dy, class: className }, text);
      group.append(
        svg("rect", { x: x - WIDE / 2, y: y - HIGH / 2, width: WIDE, height: HIGH, rx: 8 }),
        line(-12, "name", formula ? `${node} = ${formula}` : node),
      );
      if (known.has(node)) group.append(line(6, "value", short(values[node])));
      if (node in gradients) {
        group.append(line(23, "gradient", `∂${result}/∂${node} = ${short(gradients[node])}`));
      }
      return group;
    }

    describe() {
      const { program, step } = this.values, state = this.state;
      const { values, gradients, sent, sender, forward, node, result } = state, count = this.order.length;
      if (step === 0) return "Forward: only what is given has a value yet. Press Step.";
      if (step <= count) {
        return `Forward, ${forward} of ${count}: ${node} = ${FORMULAS[program][node]} = ${short(values[node])}.`;
      }
      if (step === count + 1) {
        return `Backward begins at the end: the slope of ${result} for itself is 1.`;
      }
      const sends = sent.filter(({ from }) => from === sender).map(({ to, slope, amount }) =>
        `${short(gradients[sender])} · ${short(slope)} = ${short(amount)} to ${to}`);
      const sums = [...new Set(sent.filter(({ from }) => from === sender).map(({ to }) => to))]
        .filter((to) => sent.filter((each) => each.to === to).length > 1)
        .map((to) => ` All messages to ${to} so far add up to ${short(gradients[to])}.`);
      return `Backward: ${sender} sends its gradient times its slopes: ${sends.join(" and ")}.${sums.join("")}`;
    }
  });
}
