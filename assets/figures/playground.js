// <figure-playground>: a small network that is trained in the page.
{
  const { forward, train } = arithmetic.playground;
  const PIXELS = 44, REACH = 2.6, AT_ONCE = 5, MOST = 3000; // REACH in standard deviations
  const SLICE = 30; // milliseconds of training between two looks at what the reader does
  const TIMES = (exponent) => short(10 ** exponent);

  /** Numbers in [0, 1) from a seed: mulberry32. */
  const random = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };

  /** Weights and biases drawn uniformly from ±1/√d_in, as the library's Linear has them. */
  const initial = (sizes, seed) => {
    const draw = random(seed * 7919);
    return sizes.slice(1).map((rows, l) => {
      const bound = sizes[l] ** -0.5, one = () => bound * (2 * draw() - 1);
      return {
        W: Array.from({ length: rows }, () => Array.from({ length: sizes[l] }, one)),
        b: Array.from({ length: rows }, one),
      };
    });
  };

  customElements.define("figure-playground", class extends InteractiveFigure {
    static controls = [
      { name: "data", label: "data", value: "moons", options: [
        ["xor", "XOR"], ["moons", "moons"], ["circles", "circles"], ["spirals", "spirals"]] },
      { name: "f", label: "activation", value: "tanh", options: [
        ["tanh", "tanh"], ["relu", "ReLU"], ["sigmoid", "sigmoid"]] },
      { name: "layers", label: "hidden layers", min: 1, max: 3, step: 1, value: 1 },
      { name: "units", label: "units in each", min: 1, max: 8, step: 1, value: 4 },
      { name: "lr", label: "learning rate", min: -3, max: 0, step: 0.25, value: -1.5, words: TIMES },
      { name: "seed", label: "start", min: 1, max: 20, step: 1, value: 1 },
      { name: "epochs", min: 0, max: MOST, value: 0 },
    ];

    build(stage) {
      const picture = (label) => {
        const canvas = html("canvas", { width: PIXELS, height: PIXELS });
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", label);
        return canvas;
      };
      this.picture = picture;
      this.plane = picture(this.getAttribute("alt"));
      this.points = svg("svg", { viewBox: "0 0 240 240", "aria-hidden": "true" });
      this.loss = new Chart("loss", "epochs", ["first"]);
      this.norms = new Chart("gradient norm of each layer", "epochs", ["first", "second", "third", "fourth"]);
      this.units = html("div", { className: "playground-units" });
      this.history = [];
      const plane = html("div", { className: "playground-plane" }, this.plane, this.points);
      const charts = html("div", {}, this.loss.drawing, this.norms.drawing);
      stage.append(html("div", { className: "figure-pair" }, plane, charts), this.units);
      this.addRun("Train");
      this.addButtons({
        "10 epochs": () => this.advance(10),
        "Start over": () => this.begin(),
      });
      const stopRun = this.stop;
      this.stop = () => {
        stopRun();
        this.stay();
      };
    }

    // --- Training ---

    begin() {
      this.stop();
      this.changed();
      this.update();
    }

    changed() {
      this.values.epochs = 0;
      this.restored();
    }

    restored() {
      const { layers, units, seed, epochs } = this.values;
      this.values.epochs = Math.round(epochs);
      this.run = { network: initial([2, ...Array(layers).fill(units), 1], seed) };
      this.history = [];
      this.catchUp();
    }

    /** Train to the epoch that an address asks for, in slices: the page answers in between. */
    catchUp() {
      const end = performance.now() + SLICE;
      while (this.behind() && performance.now() < end) this.train(Math.min(AT_ONCE, this.behind()));
      if (!this.behind()) return;
      this.waiting = setTimeout(() => {
        this.catchUp();
        if (this.behind()) this.readout.textContent = this.describe();
        else this.refresh();
      });
    }

    behind() {
      return this.values.epochs - this.history.length;
    }

    /** Give up catching up: where training is now is where it stays. */
    stay() {
      clearTimeout(this.waiting);
      if (this.behind() > 0) this.values.epochs = this.history.length;
    }

    train(count) {
      const { data, f, lr } = this.values, { X, t } = figureData.playground[data];
      this.history.push(...train(this.run, f, X, t, 10 ** lr, count).history);
    }

    advance(count) {
      this.stop();
      const more = Math.min(count, MOST - this.values.epochs);
      this.train(more);
      this.update({ epochs: this.values.epochs + more });
    }

    /** A frame of training; false at the end. */
    advanceFrame() {
      this.stay();
      const more = Math.min(still.matches ? 200 : AT_ONCE, MOST - this.values.epochs);
      this.train(more);
      this.values.epochs += more;
      return more > 0;
    }

    // --- Drawing ---

    draw() {
      const { data, f, layers, units } = this.values, { X, t } = figureData.playground[data];
      const classes = [this.color("--figure-positive"), this.color("--figure-negative")];

      // Every unit over the whole plane, and last the probability of class 1.
      const maps = Array.from({ length: layers * units + 1 }, () => new Float64Array(PIXELS ** 2));
      for (let i = 0; i < PIXELS ** 2; i++) {
        const at = (pixel) => ((pixel + 0.5) / PIXELS * 2 - 1) * REACH;
        const outputs = forward(this.run.network, f, [at(i % PIXELS), -at(Math.floor(i / PIXELS))]);
        outputs.flat().forEach((value, unit) => { maps[unit][i] = value; });
      }
      const paint = (canvas, values, high, least) => {
        const context = canvas.getContext("2d"), image = context.createImageData(PIXELS, PIXELS);
        values.forEach((value, i) => {
          const strength = Math.max(-1, Math.min(1, value / high));
          image.data.set(classes[+(strength > 0)], 4 * i);
          image.data[4 * i + 3] = 255 * (least + (0.6 - least) * Math.abs(strength));
        });
        context.putImageData(image, 0, 0);
      };
      paint(this.plane, maps.pop().map((z) => 2 / (1 + Math.exp(-z)) - 1), 1, 0.12);

      while (this.units.childElementCount > maps.length) this.units.lastChild.remove();
      while (this.units.childElementCount < maps.length) this.units.append(this.picture(""));
      this.units.style.setProperty("--columns", units);
      maps.forEach((values, i) => {
        const canvas = this.units.children[i], unit = (i % units) + 1;
        canvas.setAttribute("aria-label", `Hidden layer ${Math.floor(i / units) + 1}, unit ${unit}`);
        paint(canvas, f === "sigmoid" ? values.map((a) => 2 * a - 1) : values, f === "relu" ? 2 : 1, 0);
      });

      const place = (v) => 120 + (120 * v) / REACH;
      this.points.replaceChildren(...X.map(([x, y], i) => t[i]
        ? svg("rect", { x: place(x) - 3.2, y: place(-y) - 3.2, width: 6.4, height: 6.4, class: "dot" })
        : svg("circle", { cx: place(x), cy: place(-y), r: 3.6, class: "dot" })));
      this.loss.draw([this.history.map(({ loss }) => loss)]);
      this.norms.draw(this.run.network.map((_, l) => this.history.map(({ norms }) => norms[l])), [1, 2, 3, 4]);
    }

    describe() {
      const { data, f, layers, units, epochs } = this.values, { X, t } = figureData.playground[data];
      if (this.behind()) return `Training again: ${this.history.length} of ${epochs} epochs.`;
      const logits = X.map((x) => forward(this.run.network, f, x).at(-1)[0]);
      const right = logits.filter((z, i) => (z > 0) === (t[i] === 1)).length;
      const said = `With ${layers} × ${units} hidden units, after ${epochs} epoch${epochs === 1 ? "" : "s"}, ` +
        `${right} of ${X.length} points are on the right side.`;
      const last = this.history.at(-1);
      if (!last) return `${said} Press Train.`;
      const norms = last.norms.map(short).join(", ");
      return `${said} Loss ${short(last.loss)}; gradient norms from the first layer to the last ${norms}.`;
    }
  });
}
