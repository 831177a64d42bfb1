// <figure-optimizers>: optimizers that race on a surface of two parameters.
{
  const { height, race } = arithmetic.optimizers;
  const SIDE = 240, REACH = 2, STEPS = 200, FAR = 1e6;
  const RACERS = [["sgd", "SGD", "first"], ["momentum", "momentum", "second"],
    ["rmsprop", "RMSprop", "third"], ["adam", "Adam", "fourth"]];
  /** Height for the chart: what is lost or beyond it stands at its upper end. */
  const charted = (value) => (value < FAR ? Math.max(1e-8, value) : FAR);
  const place = (v) => (SIDE / 2) * (1 + v / REACH);
  const words = (value) => number(value, 1);

  customElements.define("figure-optimizers", class extends InteractiveFigure {
    static controls = [
      { name: "surface", label: "surface", value: "valley", options: [
        ["valley", "valley, ½u² + 10v²"], ["rosenbrock", "Rosenbrock, (1 − u)² + 10(v − u²)²"],
        ["saddle", "saddle, ½u² + ¼(v² − 1)²"]] },
      { name: "lr", label: "learning rate", min: -3, max: 0, step: 0.1, value: -1.5,
        words: (exponent) => short(10 ** exponent) },
      { name: "steps", label: "steps", min: 0, max: STEPS, step: 1, value: 40 },
      { name: "u", label: "start at u", min: -2, max: 2, step: 0.1, value: -1.8, words },
      { name: "v", label: "start at v", min: -2, max: 2, step: 0.1, value: 0.8, words },
    ];

    build(stage) {
      this.land = html("canvas", { width: SIDE, height: SIDE });
      this.land.setAttribute("role", "img");
      this.land.setAttribute("aria-label", this.getAttribute("alt"));
      this.paths = RACERS.map(([, , name]) => svg("path", { class: `race-path ${name}` }));
      this.ends = RACERS.map(([, , name]) => svg("circle", { r: 5, class: `dot ${name}` }));
      const over = svg("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true" });
      over.append(...this.paths, ...this.ends);
      const plane = html("div", { className: "playground-plane" }, this.land, over);
      this.chart = new Chart("height above the lowest point", "steps", RACERS.map(([, , name]) => name));
      const legend = html("ul", { className: "race-legend" }, ...RACERS.map(([, label, name]) => {
        const sample = svg("svg", { viewBox: "0 0 32 10", "aria-hidden": "true" });
        sample.append(svg("path", { d: "M0 5H32", class: `race-path ${name}` }));
        return html("li", {}, sample, label);
      }));
      stage.append(html("div", { className: "figure-pair" }, plane,
        html("div", {}, this.chart.drawing, legend)));
      this.addRun("Race");
      this.addButtons({
        Step: () => this.update({ steps: Math.min(STEPS, this.values.steps + 1) }),
        "To the start": () => this.update({ steps: 0 }),
      });
    }

    advanceFrame() {
      const steps = still.matches ? STEPS : this.values.steps % STEPS + 1;
      this.values.steps = steps;
      return steps < STEPS;
    }

    get runs() {
      const { surface, lr, steps, u, v } = this.values;
      return RACERS.map(([racer]) => race(racer, surface, [u, v], 10 ** lr, steps));
    }

    /** Height as a tint, darker downhill, with a line at every doubling. */
    drawLand() {
      const { surface } = this.values, theme = document.documentElement.dataset.theme;
      if (this.drawn === surface + theme) return;
      this.drawn = surface + theme;
      const context = this.land.getContext("2d"), image = context.createImageData(SIDE, SIDE);
      const at = (pixel) => ((pixel + 0.5) / SIDE * 2 - 1) * REACH;
      const level = Array.from({ length: SIDE ** 2 }, (_, i) =>
        Math.log2(height(surface, [at(i % SIDE), -at(Math.floor(i / SIDE))]) + 0.02));
      const low = Math.log2(0.02), high = level.reduce((one, other) => Math.max(one, other));
      level.forEach((value, i) => {
        const line = [i - 1, i - SIDE].some((other) => other >= 0 && (i % SIDE || other !== i - 1) &&
          Math.floor(level[other]) !== Math.floor(value));
        image.data.set(this.color("--figure-5"), 4 * i);
        image.data[4 * i + 3] = 255 * (0.3 * (high - value) / (high - low) + (line ? 0.35 : 0));
      });
      context.putImageData(image, 0, 0);
    }

    draw() {
      this.drawLand();
      const { surface } = this.values, runs = this.runs;
      runs.forEach((points, i) => {
        const shown = points.filter((point) => point.every((w) => Math.abs(w) < 20));
        this.paths[i].setAttribute("d", path(shown.map(([u, v]) => [place(u), place(-v)])));
        const [u, v] = points.at(-1), inside = Math.max(Math.abs(u), Math.abs(v)) <= REACH;
        this.ends[i].setAttribute("visibility", inside ? "visible" : "hidden");
        if (inside) this.ends[i].setAttribute("transform", `translate(${place(u)} ${place(-v)})`);
      });
      const heights = runs.map((points) => points.map((point) => charted(height(surface, point))));
      this.chart.draw(heights, [], this.values.steps);
    }

    describe() {
      const { surface, steps } = this.values;
      const said = this.runs.map((points, i) => {
        const found = height(surface, points.at(-1));
        return `${RACERS[i][1]} ${found < FAR ? short(found) : "is gone"}`;
      });
      return `Height after ${steps} step${steps === 1 ? "" : "s"}: ${said.join(", ")}.`;
    }
  });
}
